// Names for what the API sends. Generated where openapi.yaml has it (`npm run types`); the rest is written by hand until it does.
import type { components } from './schema'

type Schemas = components['schemas']

export type Key = Schemas['Key']
export type NewKey = Schemas['NewKey']
export type KeyState = Schemas['KeyState']
export type EffectiveLimit = Schemas['EffectiveLimit']
export type KeyUsage = Schemas['KeyUsage']
export type Tier = Schemas['Tier']
export type Route = Schemas['Route']
export type RouteMatch = Schemas['RouteMatch']
export type Dashboard = Schemas['Dashboard']
export type SystemStats = Schemas['SystemStats'] & { storage?: { bytes: number; freeBytes: number; maxBytes: number } }
export type SeriesPoint = Schemas['SeriesPoint']
export type TopEntry = Schemas['TopEntry']
export type TopList = Schemas['TopList']
export type Latencies = Schemas['Latencies']
export type LoggedRequest = Schemas['LoggedRequest']
export type RequestPage = Schemas['RequestPage']
export type UsageReport = Schemas['UsageReport']
export type Problem = Schemas['Problem']

/** The generator makes of a tuple of unlike members an array of either; this is what is sent. */
export interface TimeSeries extends Omit<Schemas['TimeSeries'], 'series'> {
  series: { group: Record<string, string>; points: [string, SeriesPoint][] }[]
}

export interface Decision extends LoggedRequest {
  explanation: string
  wouldPassAt: string | null
  usedBy: { limit: string; tokens: number; complete: boolean; requests: LoggedRequest[] } | null
  othersWithThisId: number
}

export type Role = 'viewer' | 'operator' | 'admin'

export interface Page<T> {
  data: T[]
  nextCursor: string | null
  total?: number | null
}

export interface Me {
  name: string
  role: Role
  expiresAt: string
  via: 'session' | 'token'
}

export interface Session {
  id: string
  createdAt: string
  lastSeenAt: string
  expiresAt: string
  network: string
  userAgent: string
  current: boolean
}

export interface User {
  name: string
  role: Role
  disabled: boolean
  createdAt: string
}

export interface AuditEntry {
  seq: number
  time: string
  actor: string
  via: string
  /** Empty: it did not come over the network. */
  network: string
  action: string
  object: string
  before: unknown
  after: unknown
  /** Empty: none was given. */
  reason: string
  hash: string
}

export interface AuditVerdict {
  entries: number
  intact: boolean
  firstBroken: number | null
  head: string
}

export interface Override {
  id: string
  key: string
  limits: { tokensPerWindow: number; refillRate: number; maxBurst: number }
  expiresAt: string
  reason: string
}

export type Upstream = Schemas['Upstream']
export type System = Schemas['System']

export interface ConfigProblem {
  line: number | null
  path: string
  detail: string
}

export interface ConfigDiff {
  changes: { path: string; from: unknown; to: unknown }[]
  needsRestart: string[]
}
