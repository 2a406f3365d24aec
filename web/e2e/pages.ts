// Every page of the dashboard, for what must hold on each of them.
export const pages = [
  '/',
  '/?range=15m&compare=1',
  '/start',
  '/keys',
  '/tiers',
  '/routes?test=/api/data',
  '/requests',
  '/requests?mode=tail',
  '/explorer',
  '/reports',
  '/system',
  '/system/users',
  '/system/audit',
  '/system/config',
  '/account',
]
