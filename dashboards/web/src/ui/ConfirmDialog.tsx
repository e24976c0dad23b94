import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { Dialog } from './Dialog';
import layout from './layout.module.css';

interface Props {
  /** What happens, as a question. */
  title: string;
  /** The button that does it names it. */
  deed: string;
  onConfirm: () => void;
  isBusy?: boolean;
  isLarge?: boolean;
  disabled?: boolean;
  /** What becomes of everything that hangs on it. */
  children?: ReactNode;
}

/** A button for what cannot be taken back, and the question it asks first. */
export function ConfirmButton({ title, deed, onConfirm, children, ...button }: Props) {
  const [isAsking, setAsking] = useState(false);
  const close = () => setAsking(false);
  return (
    <>
      <Button look="danger" {...button} onClick={() => setAsking(true)}>
        {deed}
      </Button>
      {isAsking && (
        <ConfirmDialog title={title} deed={deed} onConfirm={onConfirm} onClose={close}>
          {children}
        </ConfirmDialog>
      )}
    </>
  );
}

type AskProps = Pick<Props, 'title' | 'deed' | 'onConfirm' | 'children'> & { onClose: () => void };

/** Escape, Cancel and a click beside it keep everything as it is. */
function ConfirmDialog({ title, deed, onConfirm, onClose, children }: AskProps) {
  const { t } = useTranslation();
  const go = () => {
    onClose();
    onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children && <p>{children}</p>}
      <div className={layout.tools}>
        <Button look="danger" isLarge onClick={go}>
          {deed}
        </Button>
        <Button isLarge onClick={onClose}>
          {t('action.cancel')}
        </Button>
      </div>
    </Dialog>
  );
}
