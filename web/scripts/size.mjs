// What the first load costs: everything that index.html names, and what those import at once, under brotli as the server sends it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const limit = 180 * 1024
const dist = new URL('../dist', import.meta.url).pathname
const br = (path) => brotliCompressSync(readFileSync(path), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length

const first = new Set(['index.html'])
const queue = ['index.html']
while (queue.length > 0) {
  const text = readFileSync(join(dist, queue.pop()), 'utf8')
  const names = [
    ...text.matchAll(/(?:src|href)="\/?((?:assets\/)?[\w.-]+\.(?:js|css|svg))"/g),
    ...text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g),
  ].map((m) => m[1])
  for (const name of names) {
    const path = name.startsWith('assets/') || !name.endsWith('.js') ? name : `assets/${name}`
    if (!first.has(path)) {
      first.add(path)
      if (path.endsWith('.js')) queue.push(path)
    }
  }
}

// The overview is what is opened first: its own files count too.
const overview = readdirSync(join(dist, 'assets'))
  .filter((name) => /^(OverviewPage|Chart|RangePicker|names|time|limits|bits|keys?|queries)-.*\.(js|css)$/.test(name))
  .map((name) => `assets/${name}`)
const sum = (paths) => paths.reduce((bytes, path) => bytes + br(join(dist, path)), 0)
const shell = sum([...first])
const withOverview = sum([...new Set([...first, ...overview])])
const all = sum(['index.html', ...readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`)])
console.log(
  JSON.stringify({
    figure: 'dashboard first load',
    shellBytes: shell,
    withOverviewBytes: withOverview,
    everyPageBytes: all,
    limitBytes: limit,
    ok: withOverview <= limit,
  }),
)
process.exitCode = withOverview <= limit ? 0 : 1
