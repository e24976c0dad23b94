import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useLiveScope } from '@/live/hooks';
import { PRESENCE_STATES, type PresenceState } from '@/nouns/devices/queries';
import { useMay } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Pages } from '@/ui/Pages';
import { PageHead, Panel } from '@/ui/Panel';
import { SearchField } from '@/ui/SearchField';
import { Segmented } from '@/ui/Segmented';
import { useTitle } from '@/ui/screen';
import { DeviceRow } from './DeviceRow';
import { ImportDialog } from './ImportDialog';
import { type DeviceFilter, PAGE, useDevices } from './queries';

/** What speaks MQTT: how it is, whose points it carries, its own log-in, and what to do when it is replaced. */
export function DevicesPage() {
  const { t } = useTranslation();
  const mayAct = useMay('admin');
  const { filter, go } = useDeviceFilter();
  const query = useDevices(filter);
  const [isImporting, setImporting] = useState(false);
  const ids = query.data?.items.flatMap((device) => device.assets.map((asset) => asset.id)) ?? [];
  useLiveScope([...new Set(ids)]);
  useTitle(t('onboarding.devices'));
  return (
    <>
      <PageHead
        title={t('onboarding.devices')}
        under={t('onboarding.devicesMean')}
        actions={
          <>
            <Link to="/inbox">{t('onboarding.inbox')}</Link>
            <a href="/api/v1/workbook" download>
              {t('onboarding.export')}
            </a>
            {mayAct && <Button onClick={() => setImporting(true)}>{t('onboarding.import')}</Button>}
          </>
        }
      />
      <div className={layout.tools}>
        <SearchField
          label={t('onboarding.searchDevice')}
          value={filter.q}
          onSearch={(q) => go({ ...filter, q })}
        />
        <StateFilter
          value={filter.state}
          counts={query.data?.counts ?? {}}
          onPick={(state) => go({ ...filter, state })}
        />
        <span className="quiet">{t('onboarding.deviceCount', { count: query.data?.total ?? 0 })}</span>
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          lines={8}
          isEmpty={(page) => page.items.length === 0}
          empty={
            filter.state === 'all' ? (
              <Empty title={t('onboarding.noDevices')}>{t('onboarding.noneWaitingHint')}</Empty>
            ) : (
              <Empty title={t('device.noneSo')}>{t(`device.means.${filter.state}`)}</Empty>
            )
          }
        >
          {(page) => (
            <ul>
              {page.items.map((device) => (
                <DeviceRow key={device.id} device={device} mayAct={mayAct} />
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
      <Pages
        total={query.data?.total ?? 0}
        size={PAGE}
        offset={filter.offset}
        onGo={(offset) => go({ ...filter, offset })}
      />
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
    </>
  );
}

/** The filter stands in the address; a change of it begins at the first page. */
function useDeviceFilter() {
  const [params, setParams] = useSearchParams();
  const state = PRESENCE_STATES.find((known) => known === params.get('state')) ?? 'all';
  const filter: DeviceFilter = {
    q: params.get('q') ?? '',
    state,
    offset: Math.max(0, Number(params.get('offset')) || 0),
  };
  const go = (next: DeviceFilter) => {
    const offset = next.q === filter.q && next.state === filter.state ? Math.max(0, next.offset) : 0;
    setParams({
      ...(next.q && { q: next.q }),
      ...(next.state !== 'all' && { state: next.state }),
      ...(offset && { offset: String(offset) }),
    });
  };
  return { filter, go };
}

interface StateFilterProps {
  value: DeviceFilter['state'];
  counts: Partial<Record<PresenceState, number>>;
  onPick: (state: DeviceFilter['state']) => void;
}

/** How many devices are how; the word for all has no number, the list says it. */
function StateFilter({ value, counts, onPick }: StateFilterProps) {
  const { t } = useTranslation();
  return (
    <Segmented
      label={t('device.which')}
      value={value}
      options={[
        { value: 'all', label: t('device.all') },
        ...PRESENCE_STATES.map((state) => ({
          value: state,
          label: `${t(`device.state.${state}`)} ${counts[state] ?? 0}`,
        })),
      ]}
      onPick={onPick}
    />
  );
}
