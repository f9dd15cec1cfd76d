import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/tokens.css'
import './styles/base.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, preferredLanguage, setLanguage } from './locales'
import { router } from './router'
import { reportStale, reportTrouble } from './stores/trouble'

const app = createApp(App).use(createPinia()).use(i18n).use(router)

// a render error under a stream would repeat with every event: it is told once, and the page lives on
app.config.errorHandler = (reason) => reportTrouble(reason)

// a tab from before a deploy asks for files that are gone; the draft is kept, so a reload costs nothing
window.addEventListener('vite:preloadError', (event) => {
  event.preventDefault()
  reportStale()
})

void setLanguage(preferredLanguage())
  .catch(() => setLanguage('zh-CN'))
  .then(() => app.mount('#app'))
