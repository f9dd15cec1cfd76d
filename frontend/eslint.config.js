import { defineConfigWithVueTs, vueTsConfigs } from '@vue/eslint-config-typescript'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'

const size = (max) => ['error', { max, skipBlankLines: true, skipComments: true }]

export default defineConfigWithVueTs(
  {
    ignores: [
      'dist/',
      'coverage/',
      'node_modules/',
      'components.d.ts',
      'src/api/schema.d.ts',
      '*.config.js',
      'public/',
    ],
  },
  vue.configs['flat/recommended'],
  vueTsConfigs.strictTypeChecked,
  prettier,
  {
    rules: {
      'max-lines': size(300),
      'max-lines-per-function': size(80),
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/unbound-method': 'off', // composables hand out closures, never methods that need `this`
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/define-macros-order': 'error',
      'vue/no-v-html': 'error',
      'vue/require-default-prop': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  { files: ['**/*.vue'], rules: { 'max-lines': size(200) } },
  { files: ['e2e/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
)
