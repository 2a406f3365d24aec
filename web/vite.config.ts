import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// Where `npm run dev` finds the services; the port of `./dev run` when nothing is said.
const admin = process.env.TOLLGATE_ADMIN ?? 'http://127.0.0.1:3004'

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // Data URLs of scripts and styles are not allowed by the dashboard's own security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: admin, changeOrigin: false } } },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'], environment: 'node' } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.ts'],
          environment: 'node',
          testTimeout: 90_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
