import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react'

interface FieldProps {
  label: string
  hint?: ReactNode
  problem?: string | null | undefined
  children: (ids: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean | undefined }) => ReactNode
}

/** A label, a control, and what is wrong with it or worth knowing. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId()
  const note = useId()
  const described = problem || hint ? note : undefined
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': problem ? true : undefined })}
      {problem ? (
        <span id={note} className="problem" role="alert">
          {problem}
        </span>
      ) : hint ? (
        <span id={note} className="hint">
          {hint}
        </span>
      ) : null}
    </div>
  )
}

type TextFieldProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> & { label: string; hint?: ReactNode; problem?: string | null | undefined }

export function TextField({ label, hint, problem, className = '', ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(ids) => <input {...rest} {...ids} className={`input ${className}`} />}
    </Field>
  )
}

type AreaProps = Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id'> & { label: string; hint?: ReactNode; problem?: string | null | undefined }

export function TextArea({ label, hint, problem, ...rest }: AreaProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(ids) => <textarea {...rest} {...ids} className="input" spellCheck={false} />}
    </Field>
  )
}

type SelectProps = Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id'> & {
  label: string
  hint?: ReactNode
  problem?: string | null | undefined
  options: readonly (readonly [string, string])[]
}

export function SelectField({ label, hint, problem, options, ...rest }: SelectProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(ids) => (
        <select {...rest} {...ids} className="input">
          <Options options={options} />
        </select>
      )}
    </Field>
  )
}

function Options({ options }: { options: readonly (readonly [string, string])[] }) {
  return options.map(([value, text]) => (
    <option key={value} value={value}>
      {text}
    </option>
  ))
}

/** A filter of a list: the label is for screen readers, the first option says what it filters. */
export function FilterSelect({
  label,
  value,
  onChange,
  options,
}: {
  label: string
  value: string
  onChange: (value: string) => void
  options: readonly (readonly [string, string])[]
}) {
  const known = options.some(([option]) => option === value)
  return (
    <select className="input compact" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <Options options={known ? options : [...options, [value, value]]} />
    </select>
  )
}

/** One of a few, all in sight. Radio buttons underneath: arrows move, the form of a screen reader knows them. */
export function Segmented<T extends string>({
  label,
  value,
  onChange,
  options,
}: {
  label: string
  value: T
  onChange: (value: T) => void
  options: readonly (readonly [T, string])[]
}) {
  const name = useId()
  return (
    <fieldset className="segmented">
      <legend className="visually-hidden">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option}>
          <input type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  )
}
