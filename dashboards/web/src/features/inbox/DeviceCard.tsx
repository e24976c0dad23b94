import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { useProfiles } from '@/nouns/assets/queries';
import { instantMs, number, useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Sparkline } from '@/ui/Sparkline';
import styles from './Inbox.module.css';
import type { UnknownDevice, UnknownSource } from './queries';

interface Props {
  device: UnknownDevice;
  isPicked: boolean;
  isDismissed: boolean;
  mayAssign: boolean;
  onPick: () => void;
  onAssign: () => void;
  onPut: () => void;
}

/** One unknown device: what it may be and why, and each thing it sends with its recent values. */
export function DeviceCard(props: Props) {
  const { device, isPicked, isDismissed, mayAssign, onPick, onAssign, onPut } = props;
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const now = useNow();
  const profile = useProfiles().data?.find((known) => known.key === device.profile);
  const guess = device.asset
    ? t('onboarding.belongsTo', { asset: label(device.asset.name) })
    : profile
      ? t('onboarding.maybe', { profile: label(profile.name) })
      : t('onboarding.noGuess');
  return (
    <li className={styles.card}>
      <header className={styles.head}>
        {mayAssign && !isDismissed && (
          <input
            type="checkbox"
            checked={isPicked}
            onChange={onPick}
            aria-label={t('onboarding.pick', { device: device.device })}
          />
        )}
        <div className={styles.who}>
          <h2>{device.device}</h2>
          <p>
            <strong>{guess}</strong> <span className="quiet">{label(device.why)}</span>
          </p>
          <p className="quiet small">
            {t('onboarding.heard', { age: duration(now - instantMs(device.last_seen)) })} · {device.gateway}
          </p>
        </div>
        {mayAssign && (
          <div className={styles.actions}>
            {!isDismissed && (
              <Button look="primary" onClick={onAssign}>
                {t('onboarding.assign')}
              </Button>
            )}
            <Button onClick={onPut}>{t(isDismissed ? 'onboarding.bringBack' : 'onboarding.dismiss')}</Button>
          </div>
        )}
      </header>
      <ul className={styles.sources}>
        {device.sources.map((source) => (
          <SourceRow key={source.id} source={source} />
        ))}
      </ul>
    </li>
  );
}

function SourceRow({ source }: { source: UnknownSource }) {
  const { t } = useTranslation();
  const { label, list } = useFormat();
  const { guess } = source;
  const last = source.recent.at(-1)?.[1] ?? null;
  const samples = source.recent.flatMap(([at, value]): [number, number][] =>
    typeof value === 'number' ? [[at, value]] : [],
  );
  return (
    <li className={styles.source}>
      <span className={styles.name}>{source.source}</span>
      <span className={styles.value}>{shown(last, t('value.none'))}</span>
      <span className={styles.spark}>
        <Sparkline
          samples={samples}
          from={samples[0]?.[0] ?? 0}
          to={samples.at(-1)?.[0] ?? 1}
          width={80}
          height={24}
        />
      </span>
      <span className={styles.guess}>
        {label(guess.name)}
        <span className="quiet">
          {' '}
          · {list([t(`onboarding.kind.${guess.kind}`), ...(guess.unit ? [guess.unit] : [])])}
          {guess.scale !== 1 && ` (× ${guess.scale})`}
        </span>
        <span className="quiet small"> {label(guess.why)}</span>
      </span>
    </li>
  );
}

function shown(value: number | string | boolean | null, none: string): string {
  if (value === null) return none;
  if (typeof value !== 'number') return String(value);
  return number(value, Number.isInteger(value) ? 0 : 2);
}
