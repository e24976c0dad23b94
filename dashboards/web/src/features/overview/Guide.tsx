import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { liveStore } from '@/live/store';
import { useAlarms } from '@/nouns/alarms/queries';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useTickets } from '@/nouns/tickets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import styles from './Guide.module.css';
import { GUIDE_STEPS, type Guidance, guidanceOf } from './guideStep';

const KEPT_AS = 'plantroom.guide';

function isPutAway(): boolean {
  try {
    return localStorage.getItem(KEPT_AS) === 'away';
  } catch {
    return false;
  }
}

/** A newcomer's first five minutes: what to look at and press next, read from the building itself. */
export function Guide({ assets }: { assets: AssetDetail[] }) {
  const { t } = useTranslation();
  const [isAway, setAway] = useState(isPutAway);
  const put = (away: boolean) => {
    setAway(away);
    try {
      localStorage.setItem(KEPT_AS, away ? 'away' : 'open');
    } catch {
      // Shown again at the next visit.
    }
  };
  if (isAway) {
    return (
      <div className={styles.again}>
        <Button look="quiet" onClick={() => put(false)}>
          <Icon name="help" size={18} />
          {t('guide.again')}
        </Button>
      </div>
    );
  }
  return (
    <section className={styles.guide} aria-label={t('guide.title')}>
      <Steps assets={assets} />
      <Button look="quiet" onClick={() => put(true)} aria-label={t('guide.putAway')} className={styles.close}>
        <Icon name="close" size={18} />
      </Button>
    </section>
  );
}

function Steps({ assets }: { assets: AssetDetail[] }) {
  const { t } = useTranslation();
  const alarms = useAlarms({ state: 'open', limit: 100 }).data?.items;
  const tickets = useTickets({ limit: 100 }).data?.items;
  useNow();
  const guidance = guidanceOf(alarms ?? [], tickets ?? [], assets, (point) => liveStore.get(point));
  const here = GUIDE_STEPS.indexOf(guidance.step);
  return (
    <>
      <ol className={styles.steps}>
        {GUIDE_STEPS.map((step, i) => (
          <li
            key={step}
            className={i === here ? styles.here : i < here ? styles.past : ''}
            aria-current={i === here ? 'step' : undefined}
          >
            <span className={styles.mark}>{i < here ? <Icon name="check" size={14} /> : i + 1}</span>
            {t(`guide.step.${step}`)}
          </li>
        ))}
      </ol>
      <p className={styles.text}>
        <Sentence guidance={guidance} />
      </p>
    </>
  );
}

function Sentence({ guidance: { step, alarm, ticket, leaving } }: { guidance: Guidance }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  if (alarm) {
    return (
      <>
        {t('guide.acknowledge', { asset: label(alarm.asset.name), rule: label(alarm.rule.name) })}{' '}
        <Link to={`/alarms?alarm=${alarm.id}`}>{t('guide.openAlarm')}</Link>
      </>
    );
  }
  if (ticket) {
    return (
      <>
        {t(`guide.${step === 'watch' || step === 'acknowledge' ? 'take' : step}`, { ticket: ticket.number })}{' '}
        <Link to={`/tickets/${ticket.id}`}>{t('guide.openTicket')}</Link>
      </>
    );
  }
  if (leaving) {
    return (
      <>
        {t('guide.leaving', { asset: label(leaving.asset.name), point: label(leaving.point.name) })}{' '}
        <Link to={`/assets/${leaving.asset.id}?points=${leaving.point.id}&range=1h`}>
          {t('guide.openAsset')}
        </Link>
      </>
    );
  }
  return <>{t('guide.quiet')}</>;
}
