/** Light, dark, or as the system has it. public/theme.js sets the first paint from the same key. */
import { useMediaQuery } from '@vueuse/core'
import { computed, shallowRef, watchEffect } from 'vue'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
const KEY = 'batchgen.theme'

const choice = shallowRef<Theme>(THEMES.find((one) => one === localStorage.getItem(KEY)) ?? 'system')

export function useTheme() {
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)')
  const dark = computed(() => choice.value === 'dark' || (choice.value === 'system' && systemDark.value))
  watchEffect(() => document.documentElement.classList.toggle('dark', dark.value))
  return {
    theme: choice,
    choose: (theme: Theme) => {
      choice.value = theme
      localStorage.setItem(KEY, theme)
    },
  }
}
