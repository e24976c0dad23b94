import dayjs from 'dayjs';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '@/live/clock';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import { useIsPhone } from '@/ui/screen';
import styles from './HistoryPanel.module.css';
import type { Range } from './range';

const RangePick = lazy(async () => ({ default: (await import('./RangePick')).RangePick }));

export interface RangeProps {
  range: Range;
  onPick: (from: number, to: number) => void;
}

const FORM = 'YYYY-MM-DDTHH:mm';

/** A range chosen by its ends, in the site's time, and the way back out of a zoom. */
export function RangeFields({ range, onPick }: RangeProps) {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const widen = () => {
    const half = (range.to - range.from) / 2;
    onPick(range.from - half, Math.min(range.to + half, serverNow()));
  };
  return (
    <div className={styles.fields}>
      <Button look="quiet" onClick={widen} aria-label={t('chart.zoomOut')} title={t('chart.zoomOut')}>
        <Icon name="zoomOut" />
      </Button>
      {isPhone ? (
        <PhoneFields key={range.quick ?? `${range.from}-${range.to}`} range={range} onPick={onPick} />
      ) : (
        <Suspense>
          <RangePick range={range} onPick={onPick} />
        </Suspense>
      )}
    </div>
  );
}

/** The phone's own pickers are made for thumbs. */
function PhoneFields({ range, onPick }: RangeProps) {
  const { t } = useTranslation();
  const { zone } = useFormat();
  const [from, setFrom] = useState(() => dayjs(range.from).tz(zone).format(FORM));
  const [to, setTo] = useState(() => dayjs(range.to).tz(zone).format(FORM));
  const [a, b] = [dayjs.tz(from, zone).valueOf(), dayjs.tz(to, zone).valueOf()];
  return (
    <>
      <input
        type="datetime-local"
        aria-label={t('chart.from')}
        value={from}
        onChange={(event) => setFrom(event.target.value)}
      />
      <input
        type="datetime-local"
        aria-label={t('chart.to')}
        value={to}
        onChange={(event) => setTo(event.target.value)}
      />
      <Button onClick={() => onPick(a, b)} disabled={!(a < b)}>
        {t('chart.show')}
      </Button>
    </>
  );
}
