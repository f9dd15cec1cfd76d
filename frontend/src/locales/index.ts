import { createI18n } from 'vue-i18n'
import zh from './zh-CN.json'
import zhAccount from './zh-CN.account.json'
import zhDesk from './zh-CN.desk.json'
import zhEconomy from './zh-CN.economy.json'
import zhHistory from './zh-CN.history.json'
import zhNotices from './zh-CN.notices.json'
import zhPilot from './zh-CN.pilot.json'
import zhResults from './zh-CN.results.json'
import zhSpend from './zh-CN.spend.json'
import zhStatus from './zh-CN.status.json'
import zhTemplates from './zh-CN.templates.json'
import zhVariables from './zh-CN.variables.json'
import zhWelcome from './zh-CN.welcome.json'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]
const KEY = 'batchgen.language'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: {
    'zh-CN': {
      ...zh,
      ...zhResults,
      ...zhStatus,
      ...zhVariables,
      ...zhNotices,
      ...zhPilot,
      ...zhSpend,
      ...zhEconomy,
      ...zhAccount,
      ...zhDesk,
      ...zhHistory,
      ...zhTemplates,
      ...zhWelcome,
    },
    en: {},
  },
})

/** The language as the server tells it from the browser: its first that we speak, else Chinese. */
export function browserLanguage(): Language {
  for (const tag of navigator.languages) {
    if (/^zh\b/i.test(tag)) return 'zh-CN'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'zh-CN'
}

/** What was chosen here before, else the browser's. */
export function preferredLanguage(): Language {
  const kept = localStorage.getItem(KEY)
  return LANGUAGES.find((one) => one === kept) ?? browserLanguage()
}

export function currentLanguage(): Language {
  return i18n.global.locale.value
}

/** Load the messages if they are not here yet, and speak that language from now on. */
export async function setLanguage(language: Language): Promise<void> {
  if (language === 'en' && !('app' in i18n.global.getLocaleMessage('en'))) {
    const parts = await Promise.all([
      import('./en.json'),
      import('./en.results.json'),
      import('./en.status.json'),
      import('./en.variables.json'),
      import('./en.notices.json'),
      import('./en.account.json'),
      import('./en.pilot.json'),
      import('./en.spend.json'),
      import('./en.economy.json'),
      import('./en.desk.json'),
      import('./en.history.json'),
      import('./en.templates.json'),
      import('./en.welcome.json'),
    ])
    i18n.global.setLocaleMessage('en', Object.assign({}, ...parts.map((part) => part.default)))
  }
  i18n.global.locale.value = language
  document.documentElement.lang = language
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language)
  await setLanguage(language)
}
