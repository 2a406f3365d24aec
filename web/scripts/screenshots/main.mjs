// node scripts/screenshots/main.mjs [--out DIR] [--only NAME,…] [--quick]; see shoot.ts.
import { runnerImport } from 'vite'

const { module } = await runnerImport(new URL('./shoot.ts', import.meta.url).pathname, { configFile: false, logLevel: 'error' })
await module.shoot(process.argv.slice(2))
