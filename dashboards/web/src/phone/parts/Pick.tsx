import { useId } from 'react';
import styles from './Pick.module.css';

interface Props<T extends string> {
  labelledBy: string;
  value: string;
  options: { value: T; label: string }[];
  onPick: (value: T) => void;
}

/** One of a few, as large fields; radio buttons underneath. */
export function Pick<T extends string>({ labelledBy, value, options, onPick }: Props<T>) {
  const name = useId();
  return (
    <div className={styles.pick} role="radiogroup" aria-labelledby={labelledBy}>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onPick(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </div>
  );
}
