import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useLiveScope } from '@/live/hooks';
import { useMay } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { SearchField } from '@/ui/SearchField';
import { useTitle } from '@/ui/screen';
import { CredentialDialog } from './CredentialDialog';
import { DeviceRow } from './DeviceRow';
import styles from './Devices.module.css';
import { ImportDialog } from './ImportDialog';
import { NameDialog } from './NameDialog';
import { type Device, PAGE, useDevices } from './queries';
import { ReplaceDialog } from './ReplaceDialog';
import { WithdrawDialog } from './WithdrawDialog';

export type Act = 'credential' | 'name' | 'replace' | 'withdraw';

const DIALOGS = {
  credential: CredentialDialog,
  name: NameDialog,
  replace: ReplaceDialog,
  withdraw: WithdrawDialog,
};

/** What speaks MQTT: whose points it carries, its own log-in, and what to do when it is replaced. */
export function DevicesPage() {
  const { t } = useTranslation();
  const mayAct = useMay('admin');
  const [params, setParams] = useSearchParams();
  const search = params.get('q') ?? '';
  const offset = Math.max(0, Number(params.get('offset')) || 0);
  const query = useDevices(search, offset);
  const [acting, setActing] = useState<{ act: Act; device: Device } | null>(null);
  const [isImporting, setImporting] = useState(false);
  const ids = query.data?.items.flatMap((device) => device.assets.map((asset) => asset.id)) ?? [];
  useLiveScope([...new Set(ids)]);
  useTitle(t('onboarding.devices'));
  const go = (next: { q?: string; offset?: number }) =>
    setParams({ ...(next.q && { q: next.q }), ...(next.offset && { offset: String(next.offset) }) });
  const Body = acting && DIALOGS[acting.act];
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
      <div className={styles.tools}>
        <SearchField label={t('onboarding.searchDevice')} value={search} onSearch={(q) => go({ q })} />
        <span className="quiet">{t('onboarding.deviceCount', { count: query.data?.total ?? 0 })}</span>
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          lines={8}
          isEmpty={(page) => page.items.length === 0}
          empty={<Empty title={t('onboarding.noDevices')}>{t('onboarding.noneWaitingHint')}</Empty>}
        >
          {(page) => (
            <ul>
              {page.items.map((device) => (
                <DeviceRow
                  key={device.id}
                  device={device}
                  mayAct={mayAct}
                  onAct={(act) => setActing({ act, device })}
                />
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
      {(query.data?.total ?? 0) > PAGE && (
        <div className={styles.pages}>
          <Button disabled={offset === 0} onClick={() => go({ q: search, offset: offset - PAGE })}>
            {t('action.previous')}
          </Button>
          <Button
            disabled={query.data?.next === null}
            onClick={() => go({ q: search, offset: offset + PAGE })}
          >
            {t('action.next')}
          </Button>
        </div>
      )}
      {acting && Body && <Body device={acting.device} onClose={() => setActing(null)} />}
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
    </>
  );
}
