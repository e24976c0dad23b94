import { createContext, type ReactNode, useContext, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import styles from './Dialog.module.css';
import { Icon } from './icons';

/** What stands above everything else on a page: while a dialog is open nothing outside of it can be touched, so it
 * stands at the head of the dialog as well. */
export const AboveAll = createContext<ReactNode>(null);

interface Props {
  title: ReactNode;
  onClose: () => void;
  /** A drawer stands at the right edge on a desk; on a phone both rise from below. */
  look?: 'dialog' | 'drawer';
  children: ReactNode;
}

/** The browser's own modal: it traps the focus, closes on Escape and gives the focus back. */
export function Dialog({ title, onClose, look = 'dialog', children }: Props) {
  const { t } = useTranslation();
  const box = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const titleId = useId();
  const aboveAll = useContext(AboveAll);
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    // Reading starts at the title, not at the button that closes it all again.
    heading.current?.focus();
    return () => {
      // The browser gives the focus back when it closes a dialog, not when the dialog is taken off the page.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too, by the browser itself.
    <dialog
      ref={box}
      className={`${styles.dialog} ${styles[look]}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // React hands on the Escape of a dialog inside this one, and the browser that of its window for files.
        if (event.target !== box.current) return;
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === box.current && onClose()}
    >
      <div className={styles.inside}>
        {aboveAll}
        <header className={styles.head}>
          <h2 id={titleId} ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <Button look="quiet" onClick={onClose} aria-label={t('action.close')}>
            <Icon name="close" />
          </Button>
        </header>
        <div className={styles.body}>{children}</div>
      </div>
    </dialog>
  );
}
