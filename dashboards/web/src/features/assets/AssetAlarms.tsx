import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { AlarmLine } from '@/nouns/alarms/AlarmLine';
import { useAlarms } from '@/nouns/alarms/queries';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';

const SHOWN = 8;

export function AssetAlarms({ assetId }: { assetId: number }) {
  const { t } = useTranslation();
  const query = useAlarms({ state: 'all', asset: assetId, limit: SHOWN });
  return (
    <Panel
      title={t('nav.alarms')}
      actions={<Link to={`/alarms?asset=${assetId}&state=all`}>{t('action.all')}</Link>}
      isFlush
    >
      <Loaded
        query={query}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('asset.noAlarms')} />}
      >
        {(data) =>
          data.items.map((alarm) => (
            <AlarmLine
              key={alarm.id}
              alarm={alarm}
              to={`/alarms?asset=${assetId}&state=all&alarm=${alarm.id}`}
              hasAsset={false}
            />
          ))
        }
      </Loaded>
    </Panel>
  );
}
