import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AlarmTabs } from '@/nouns/alarms/AlarmTabs';
import { useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { useTitle } from '@/ui/screen';
import { Figures } from './Figures';
import { DAYS, type Days, type Health, useHealth } from './queries';
import { Floods, Frequent, Priorities, Stale } from './Ranks';
import { RateChart } from './RateChart';

const OPERATORS = ['1', '2', '3', '5', '10'];

/** Whether the alarms are few enough, and of the right kind, for people to act on each. */
export function HealthPage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [days, setDays] = useState<Days>('7');
  const [site, setSite] = useState('');
  const [operators, setOperators] = useState('1');
  const sites = (useSpaces().data ?? []).filter((space) => space.kind === 'site');
  const query = useHealth(days, site, Number(operators));
  useTitle(t('health.title'));
  return (
    <>
      <PageHead title={t('health.title')} under={t('health.explain')} />
      <AlarmTabs />
      <div className={layout.tools}>
        <Segmented
          label={t('health.range')}
          value={days}
          options={DAYS.map((value) => ({ value, label: t(`health.days.d${value}`) }))}
          onPick={setDays}
        />
        <Choice
          label={t('health.site')}
          isCompact
          value={site}
          options={[
            { value: '', label: t('health.allSites') },
            ...sites.map((one) => ({ value: String(one.id), label: label(one.name) })),
          ]}
          onPick={setSite}
        />
        <Choice
          label={t('health.operators')}
          isCompact
          value={operators}
          options={OPERATORS.map((value) => ({
            value,
            label: t('health.operatorCount', { count: Number(value) }),
          }))}
          onPick={setOperators}
        />
      </div>
      <Loaded query={query} lines={8}>
        {(health) => <Body health={health} />}
      </Loaded>
    </>
  );
}

function Body({ health }: { health: Health }) {
  const { t } = useTranslation();
  return (
    <>
      <Figures health={health} />
      <Panel title={t(health.bar_s === 600 ? 'health.rate' : 'health.ratePeak')}>
        <RateChart health={health} />
      </Panel>
      <div className={layout.columns}>
        <Panel title={t('health.priorities')}>
          <Priorities health={health} />
        </Panel>
        <Panel title={t('health.frequent')}>
          <Frequent rows={health.frequent} />
        </Panel>
        <Panel title={t('health.floods', { count: health.flood_count })}>
          <Floods health={health} />
        </Panel>
        <Panel title={t('health.chattering')}>
          <Frequent rows={health.chattering} />
        </Panel>
        <Panel title={t('health.stale', { count: health.stale_total })}>
          <Stale health={health} />
        </Panel>
      </div>
    </>
  );
}
