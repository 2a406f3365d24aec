// A token bucket in words and as a line. The words are what an operator would say to a customer; they must never promise more than the bucket gives.
import { count, significant, span } from './format'

export interface Bucket {
  /** Tokens that a new bucket starts with, and what clients are told. */
  tokensPerWindow: number
  /** Tokens a second. */
  refillRate: number
  /** Tokens that it holds. */
  maxBurst: number
}

/** "10 a second", "1 every 4 seconds", "1 a minute": whichever has the roundest number. */
export function refillInWords(tokensPerSecond: number): string {
  const periods: [number, string][] = [
    [1, 'a second'],
    [60, 'a minute'],
    [3600, 'an hour'],
    [86_400, 'a day'],
  ]
  // Six decimals are what a rate may have: 1/60 arrives as 0.016667 and is meant as 1 a minute.
  for (const [seconds, name] of tokensPerSecond >= 1 ? periods.slice(0, 2) : periods) {
    const tokens = tokensPerSecond * seconds
    const off = Math.abs(tokens - Math.round(tokens))
    if (tokens > 0.9 && off <= 5e-7 * seconds + 1e-9) return `${count(Math.round(tokens))} ${name}`
  }
  if (tokensPerSecond >= 1) return `${significant(tokensPerSecond, 4)} a second`
  return `1 every ${span(1 / tokensPerSecond)}`
}

/** "100 at once, then 10 a second". */
export function limitInWords(bucket: Bucket): string {
  const refill = refillInWords(bucket.refillRate)
  if (bucket.maxBurst === 1) return `One at a time, ${refill}`
  return `${count(bucket.maxBurst)} at once, then ${refill}`
}

/** What a reader may want to know beyond the sentence; one fact a line. */
export function limitDetails(bucket: Bucket): string[] {
  const facts = [`Empty, it is full again after ${span(bucket.maxBurst / bucket.refillRate)}.`]
  facts.push(`At most ${count(Math.floor(bucket.maxBurst + bucket.refillRate * 60))} in any minute.`)
  const start = Math.min(bucket.tokensPerWindow, bucket.maxBurst)
  if (start < bucket.maxBurst) facts.push(`A new key starts with ${count(start)}.`)
  return facts
}

/** What is wrong with numbers that a person typed, by field; empty when they are right. The bounds are those of the API. */
export function limitProblems(bucket: Bucket): Partial<Record<keyof Bucket, string>> {
  const problems: Partial<Record<keyof Bucket, string>> = {}
  const most = 1_000_000_000_000
  for (const field of ['tokensPerWindow', 'maxBurst'] as const) {
    const value = bucket[field]
    if (!Number.isInteger(value) || value < 1 || value > most) problems[field] = 'A whole number from 1 to 1,000,000,000,000.'
  }
  const { refillRate } = bucket
  if (!(refillRate >= 0.000001 && refillRate <= 1_000_000_000)) problems.refillRate = 'More than nothing: 0.000001 to 1,000,000,000 a second.'
  else if (Math.abs(refillRate * 1e6 - Math.round(refillRate * 1e6)) > 1e-3) problems.refillRate = 'At most six decimals.'
  return problems
}

export interface Sketch {
  /** Level from 0 to 1 over time from 0 to 1. */
  level: [number, number][]
  /** Where in that time calls stop passing at once, and where they stop coming. */
  emptyAt: number
  quietAt: number
  /** What the drawing covers. */
  seconds: number
}

/**
 * The bucket under a caller who asks twice as fast as it can be emptied in a third of the drawing, goes on at the refill rate, and then stops.
 * A third for each: burst, steady, refill; the time scale follows from the bucket.
 */
export function sketch(bucket: Bucket): Sketch {
  const refillSeconds = bucket.maxBurst / bucket.refillRate
  return {
    level: [
      [0, 1],
      [0.06, 1],
      [0.26, 0],
      [0.5, 0],
      [0.9, 1],
      [1, 1],
    ],
    emptyAt: 0.26,
    quietAt: 0.5,
    seconds: refillSeconds / 0.4,
  }
}

/** A level that was read at some time, as it is now while nobody asks: what moves between two reads. */
export function levelNow(read: { tokens: number; atMs: number }, bucket: Bucket, nowMs: number): number {
  const grown = read.tokens + (Math.max(0, nowMs - read.atMs) / 1000) * bucket.refillRate
  return Math.min(bucket.maxBurst, grown)
}
