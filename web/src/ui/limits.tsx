// Limits as people read and write them: a sentence, a drawing, three numbers.
import { useId } from 'react'
import { span } from '../lib/format'
import { limitDetails, limitInWords, limitProblems, sketch, type Bucket } from '../lib/limits'
import { TextField } from './Field'
import './limits.css'

/** The bucket over time: a burst that empties it, calls at the refill rate, and the time it takes to be full again. */
export function BucketSketch({ bucket }: { bucket: Bucket }) {
  const title = useId()
  const drawing = sketch(bucket)
  const width = 320
  const height = 84
  const line = drawing.level.map(([x, y]) => `${(x * width).toFixed(1)},${(6 + (1 - y) * (height - 12)).toFixed(1)}`).join(' ')
  return (
    <figure className="sketch">
      <svg preserveAspectRatio="none" viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={title}>
        <title
          id={title}
        >{`A full bucket of ${bucket.maxBurst} is emptied by a burst, stays empty while calls come at the refill rate, and is full again ${span(bucket.maxBurst / bucket.refillRate)} after they stop.`}</title>
        <line x1="0" x2={width} y1="6" y2="6" className="sketch-grid" />
        <line x1="0" x2={width} y1={height - 6} y2={height - 6} className="sketch-grid" />
        <polygon points={`0,${height - 6} ${line} ${width},${height - 6}`} className="sketch-fill" />
        <polyline points={line} className="sketch-line" />
      </svg>
      <figcaption>
        <span style={{ left: '0%' }}>burst</span>
        <span style={{ left: '28%' }}>at the rate</span>
        <span style={{ left: '56%' }}>{`quiet: full in ${span(bucket.maxBurst / bucket.refillRate)}`}</span>
      </figcaption>
    </figure>
  )
}

/** The sentence, and what follows from it. */
export function LimitReading({ bucket, drawing = true }: { bucket: Bucket; drawing?: boolean }) {
  if (Object.keys(limitProblems(bucket)).length > 0) return <p className="muted">The numbers make no limit yet.</p>
  return (
    <div className="limit-reading" aria-live="polite">
      <p className="limit-sentence">{limitInWords(bucket)}</p>
      <ul className="secondary small">
        {limitDetails(bucket).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      {drawing ? <BucketSketch bucket={bucket} /> : null}
    </div>
  )
}

/** The three numbers as they are typed: text, so that a person may pass through what is no number yet. */
export interface BucketText {
  tokensPerWindow: string
  refillRate: string
  maxBurst: string
}

export function bucketText(bucket: Bucket): BucketText {
  return { tokensPerWindow: String(bucket.tokensPerWindow), refillRate: String(bucket.refillRate), maxBurst: String(bucket.maxBurst) }
}

export function bucketOf(text: BucketText): Bucket {
  const number = (value: string) => (value.trim() === '' ? Number.NaN : Number(value))
  return { tokensPerWindow: number(text.tokensPerWindow), refillRate: number(text.refillRate), maxBurst: number(text.maxBurst) }
}

export function BucketFields({ value, onChange }: { value: BucketText; onChange: (value: BucketText) => void }) {
  const problems = limitProblems(bucketOf(value))
  const field = (name: keyof BucketText, label: string, hint: string) => (
    <TextField
      label={label}
      hint={hint}
      inputMode="decimal"
      required
      value={value[name]}
      problem={problems[name]}
      onChange={(event) => onChange({ ...value, [name]: event.target.value })}
    />
  )
  return (
    <div className="bucket-fields">
      {field('maxBurst', 'At once', 'tokens that the bucket holds')}
      {field('refillRate', 'Then, a second', 'tokens that come back')}
      {field('tokensPerWindow', 'To begin with', 'tokens of a new bucket; told to clients')}
    </div>
  )
}
