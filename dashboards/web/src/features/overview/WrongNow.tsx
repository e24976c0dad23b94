import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { AlarmLine } from '@/nouns/alarms/AlarmLine';
import { byUrgency, useAlarms } from '@/nouns/alarms/queries';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';

const SHOWN = 6;

export function WrongNow() {
  const { t } = useTranslation();
  const query = useAlarms({ state: 'open', limit: 100 });
  const total = query.data?.total ?? 0;
  return (
    <Panel
      title={t('overview.wrongNow', { count: total })}
      actions={<Link to="/alarms">{t('overview.allAlarms')}</Link>}
      isFlush
    >
      <Loaded
        query={query}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('overview.allNormal')}>{t('overview.allNormalHint')}</Empty>}
      >
        {(data) =>
          [...data.items]
            .sort(byUrgency)
            .slice(0, SHOWN)
            .map((alarm) => <AlarmLine key={alarm.id} alarm={alarm} to={`/alarms?alarm=${alarm.id}`} />)
        }
      </Loaded>
    </Panel>
  );
}
