import type { ButtonHTMLAttributes } from 'react';
import styles from './Button.module.css';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'plain' | 'primary' | 'danger' | 'quiet';
  /** Phone-sized target, 48 px. */
  isLarge?: boolean;
  /** Shows progress and takes no second press. */
  isBusy?: boolean;
}

export function Button({ look = 'plain', isLarge, isBusy, className, children, ...rest }: Props) {
  const classes = [styles.button, styles[look], isLarge && styles.large, className].filter(Boolean).join(' ');
  return (
    <button type="button" {...rest} className={classes} aria-busy={isBusy} disabled={rest.disabled || isBusy}>
      {isBusy && <span className={styles.spinner} aria-hidden="true" />}
      {children}
    </button>
  );
}
