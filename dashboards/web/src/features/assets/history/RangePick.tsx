import DatePicker from 'antd/es/date-picker';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Desk } from '@/ui/desk/Desk';
import type { RangeProps } from './RangeFields';

const FORM = 'YYYY-MM-DD HH:mm';

/** A range picked from calendars, on a desk. The picker counts in the browser's zone, so it is given the site's clock. */
export function RangePick({ range, onPick }: RangeProps) {
  const { t } = useTranslation();
  const { zone } = useFormat();
  const clock = (at: number) => dayjs(dayjs(at).tz(zone).format(FORM));
  return (
    <Desk>
      <DatePicker.RangePicker
        aria-label={t('chart.range')}
        showTime={{ format: 'HH:mm' }}
        format={FORM}
        allowClear={false}
        value={[clock(range.from), clock(range.to)]}
        onChange={(picked) => {
          const [from, to] = (picked ?? []).map((at) => at && dayjs.tz(at.format(FORM), zone).valueOf());
          if (from && to) onPick(from, to);
        }}
      />
    </Desk>
  );
}
