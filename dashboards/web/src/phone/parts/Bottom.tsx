import type { ReactNode } from 'react';
import { Icon } from '@/ui/icons';
import { follow } from '../route';
import { useStored } from '../store/db';
import { own } from '../store/kept';
import { useText } from '../text/phrases';
import styles from './Bottom.module.css';
import { ScanIcon, SosIcon } from './icons';

/** Everything one thumb needs, at the lower edge; scanning stands in the middle. */
export function Bottom({ current }: { current: string }) {
  const t = useText();
  const active = useStored(() => own('active_round').then((one) => one ?? null), []);
  const round = active ? `/${active.id}` : '';
  const item = (name: string, path: string, word: string, icon: ReactNode, look = '') => (
    <a {...follow(path)} aria-current={current === name ? 'page' : undefined} className={look}>
      {icon}
      <span>{word}</span>
    </a>
  );
  return (
    <nav className={styles.bottom} aria-label={t.nav.main}>
      {item('', '/', t.nav.rounds, <Icon name="ticket" size={24} />)}
      {item('finding', `/finding${round}`, t.nav.finding, <Icon name="plus" size={24} />)}
      {item('scan', `/scan${round}`, t.nav.scan, <ScanIcon size={30} />, styles.scan)}
      {item('sos', '/sos', t.nav.sos, <SosIcon size={24} />)}
      {item('more', '/more', t.nav.more, <Icon name="more" size={24} />)}
    </nav>
  );
}
