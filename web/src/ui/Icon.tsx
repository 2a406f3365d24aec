// Line icons on a grid of 16. Decoration only: each stands beside words or in a button that has a name.
const paths = {
  overview: 'M2 13h12M4 13V8m4 5V3m4 10V6',
  key: 'M10.5 9.5a3.5 3.5 0 1 0-3.3-2.3L2 12.4V14h2.2v-1.6h1.6v-1.6h1.6l1.1-1.4c.6.1 1.3.1 2 .1zM11.5 5h.01',
  tiers: 'M2 4.5h12M2 8h8M2 11.500h5',
  routes: 'M4 3v4a3 3 0 0 0 3 3h5m0 0-2.5-2.500M12 10l-2.5 2.500M4 3v10',
  requests: 'M2 4h12M2 8h12M2 12h7',
  explorer: 'M2 12.5 6 7l3.5 3L14 3.5',
  reports: 'M4 2h5.500L12 4.500V14H4zM6.5 8h3M6.5 11h3',
  system: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  plus: 'M8 3v10M3 8h10',
  search: 'M7 11.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm3.3-1.200L14 14',
  close: 'm4 4 8 8m0-8-8 8',
  check: 'm3 8.5 3.3 3.300L13 5',
  warn: 'M8 2.5 14.5 13.500h-13zM8 7v3m0 1.800v.01',
  stop: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM4 4l8 8',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zm0-6.500V11M8 5v.01',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.500m0 11V15M1 8h1.500m11 0H15M3 3l1 1m8 8 1 1m0-10-1 1m-8 8-1 1',
  moon: 'M13.5 9.500A6 6 0 0 1 6.5 2.500a6 6 0 1 0 7 7z',
  user: 'M8 8a2.7 2.7 0 1 0 0-5.400A2.7 2.7 0 0 0 8 8zm-5 6c.4-2.5 2.4-4 5-4s4.6 1.5 5 4',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  copy: 'M5.5 5.500v-3h8v8h-3m-8-5h8v8h-8z',
  pause: 'M5.5 3v10m5-10v10',
  play: 'm5 3 8 5-8 5z',
  down: 'M8 2.500v8m0 0L4.7 7.200M8 10.500l3.3-3.300M3 13.500h10',
  empty: 'M2.5 9.5 4 3h8l1.5 6.500V13h-11zm0 0H6l.7 1.500h2.600l.7-1.500h3.5',
  menu: 'M2 4h12M2 8h12M2 12h12',
  arrow: 'M3 8h10m0 0L9 4m4 4-4 4',
  up: 'm4 10 4-4 4 4',
  fall: 'm4 6 4 4 4-4',
  lock: 'M4 7.500h8v6H4zm1.5 0V5a2.5 2.5 0 0 1 5 0v2.5',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.500V8l2.3 1.5',
  unplug: 'M2 14l3-3m6-6 3-3M6 4.500l5.5 5.5-1.2 1.200a3.2 3.2 0 0 1-4.6 0l-.9-.900a3.2 3.2 0 0 1 0-4.600z',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={size > 20 ? 1 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}
