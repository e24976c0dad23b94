import { type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes, useId } from 'react';
import styles from './Field.module.css';

interface Common {
  label: string;
  hint?: ReactNode;
}

type InputProps = Common & InputHTMLAttributes<HTMLInputElement>;
type AreaProps = Common & TextareaHTMLAttributes<HTMLTextAreaElement>;

export function Field({ label, hint, ...rest }: InputProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input id={id} className={styles.input} aria-describedby={hint ? `${id}-hint` : undefined} {...rest} />
      {hint && (
        <div id={`${id}-hint`} className={styles.hint}>
          {hint}
        </div>
      )}
    </div>
  );
}

export function TextArea({ label, hint, ...rest }: AreaProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={3}
        className={styles.input}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
      />
      {hint && (
        <div id={`${id}-hint`} className={styles.hint}>
          {hint}
        </div>
      )}
    </div>
  );
}

interface ChoiceProps<T extends string> extends Common {
  value: T;
  options: readonly { value: T; label: string }[];
  onPick: (value: T) => void;
  /** The label is read aloud only; the options say enough on screen. */
  isCompact?: boolean;
}

export function Choice<T extends string>({ label, hint, value, options, onPick, isCompact }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div className={isCompact ? styles.compact : styles.field}>
      <label htmlFor={id} className={isCompact ? 'only-read-aloud' : undefined}>
        {label}
      </label>
      <select
        id={id}
        className={styles.input}
        value={value}
        onChange={(event) => onPick(event.target.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint && <div className={styles.hint}>{hint}</div>}
    </div>
  );
}
