import { fileURLToPath, URL } from 'node:url'
import vueI18n from '@intlify/unplugin-vue-i18n/vite'
import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const backend = `http://127.0.0.1:${process.env.PORT ?? '5001'}`

export default defineConfig({
  plugins: [
    vue(),
    // messages are compiled here, so the compiler (and its eval) stays out of the bundle
    vueI18n({ include: here('./src/locales/*.json'), runtimeOnly: true, dropMessageCompiler: true }),
    components({ dirs: [], dts: 'components.d.ts', resolvers: [ElementPlusResolver()] }),
  ],
  resolve: { alias: { '@': here('./src') } },
  server: {
    port: Number(process.env.DEV_PORT ?? 3000),
    strictPort: true,
    proxy: Object.fromEntries(['/api', '/static', '/health'].map((path) => [path, backend])),
  },
  build: { outDir: 'dist', assetsInlineLimit: 0, manifest: true },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
    server: { deps: { inline: ['element-plus'] } },
  },
})
