import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import { back, follow } from '../route';
import { useUnsent } from '../store/hooks';
import { useSyncState } from '../sync/state';
import { useText } from '../text/phrases';
import { useWho } from '../who';
import styles from './Top.module.css';

/** The way back, and an honest word on what the server does not have yet. */
export function Top({ isHome }: { isHome: boolean }) {
  const t = useText();
  return (
    <header className={styles.top}>
      {isHome ? (
        <span className={styles.brand}>
          <img src="/icon.svg" alt="" width="28" height="28" /> Plantroom
        </span>
      ) : (
        <Button look="quiet" isLarge onClick={back} aria-label={t.nav.back}>
          <Icon name="back" size={26} />
        </Button>
      )}
      <SendBadge />
    </header>
  );
}

function SendBadge() {
  const t = useText();
  const count = useUnsent();
  const state = useSyncState();
  const needsLogin = useWho()?.needs_login;
  const isOffline = state.isReached === false;
  const word = needsLogin
    ? t.send.login
    : isOffline
      ? t.send.offline
      : state.isSending
        ? t.send.sending
        : null;
  return (
    <a {...follow('/unsent')} className={`${styles.badge} ${count ? styles.waiting : ''}`}>
      {count !== undefined && count > 0 && <strong>{t.send.waiting(count)}</strong>}
      {word ?? (count === 0 && t.send.all)}
    </a>
  );
}
