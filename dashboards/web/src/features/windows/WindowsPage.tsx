import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AlarmTabs } from '@/nouns/alarms/AlarmTabs';
import { Left } from '@/nouns/alarms/Availability';
import { useMay } from '@/nouns/session/session';
import { OutageLine } from '@/nouns/windows/OutageLine';
import { useOutages } from '@/nouns/windows/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { useTitle } from '@/ui/screen';
import { type MaintenanceWindow, useWindows, type WindowStates } from './queries';
import { EndDialog, ExtendDialog } from './WindowDialogs';
import { WindowForm } from './WindowForm';
import styles from './WindowsPage.module.css';

const STATES = ['current', 'over', 'outages'] as const;
type Shown = (typeof STATES)[number];

export function WindowsPage() {
  const { t } = useTranslation();
  const [state, setState] = useState<Shown>('current');
  const [isAsking, setAsking] = useState(false);
  const mayOpen = useMay('engineer');
  useTitle(t('window.title'));
  return (
    <>
      <PageHead
        title={t('window.title')}
        under={t('window.explain')}
        actions={
          mayOpen && (
            <Button look="primary" onClick={() => setAsking(true)}>
              {t('window.new')}
            </Button>
          )
        }
      />
      <AlarmTabs />
      <div>
        <Segmented
          label={t('window.which')}
          value={state}
          options={STATES.map((value) => ({ value, label: t(`window.states.${value}`) }))}
          onPick={setState}
        />
      </div>
      {state === 'outages' ? <Outages /> : <Windows state={state} mayEnd={mayOpen} />}
      {isAsking && <WindowForm onClose={() => setAsking(false)} />}
    </>
  );
}

function Windows({ state, mayEnd }: { state: WindowStates; mayEnd: boolean }) {
  const { t } = useTranslation();
  const query = useWindows(state);
  return (
    <Panel isFlush>
      <Loaded
        query={query}
        isEmpty={(page) => page.items.length === 0}
        empty={<Empty title={t('window.none')}>{t('window.noneHint')}</Empty>}
      >
        {(page) => page.items.map((one) => <Row key={one.id} window={one} mayEnd={mayEnd} />)}
      </Loaded>
    </Panel>
  );
}

function Row({ window, mayEnd }: { window: MaintenanceWindow; mayEnd: boolean }) {
  const { t } = useTranslation();
  const { label, list, short, time } = useFormat();
  const [asked, setAsked] = useState<'extend' | 'end' | null>(null);
  const isOver = window.state === 'over';
  const named = window.disciplines.map((one) => t(`window.discipline.${one}`, { defaultValue: one }));
  const close = () => setAsked(null);
  return (
    <div className={styles.row}>
      <div>
        <div className={styles.where}>{label(window.node.name)}</div>
        <div className="quiet">
          {named.length ? list(named) : t('window.allDisciplines')}
          {window.life_safety && <strong> · {t('window.withLives')}</strong>}
        </div>
      </div>
      <div>
        <div>{window.reason}</div>
        <div className="quiet">
          {t('window.ownedBy', { name: window.owner.display_name })} · {short(window.starts_at)} –{' '}
          {short(window.ended_at ?? window.ends_at)}
          {window.ended_by && ` · ${t('window.endedBy', { name: window.ended_by })}`}
        </div>
      </div>
      <div className={styles.left} title={time(window.ends_at)}>
        {isOver && t('window.over')}
        {window.state === 'active' && <Left until={window.ends_at} />}
        {window.state === 'planned' && <Begins at={window.starts_at} />}
      </div>
      {mayEnd && !isOver && (
        <div className={styles.acts}>
          <Button onClick={() => setAsked('extend')}>{t('window.extend')}</Button>
          <Button onClick={() => setAsked('end')}>{t('window.endNow')}</Button>
        </div>
      )}
      {asked === 'extend' && <ExtendDialog window={window} onClose={close} />}
      {asked === 'end' && <EndDialog window={window} onClose={close} />}
    </div>
  );
}

/** What is out of service until somebody puts it back. */
function Outages() {
  const { t } = useTranslation();
  const query = useOutages();
  return (
    <Panel isFlush>
      <Loaded
        query={query}
        isEmpty={(outages) => outages.length === 0}
        empty={<Empty title={t('outage.none')}>{t('outage.noneHint')}</Empty>}
      >
        {(outages) =>
          outages.map((one) => (
            <div key={one.id} className={styles.outage}>
              <OutageLine outage={one} hasName />
            </div>
          ))
        }
      </Loaded>
    </Panel>
  );
}

function Begins({ at }: { at: string }) {
  const { t } = useTranslation();
  return (
    <span className="quiet">
      {t('window.in')} <Left until={at} />
    </span>
  );
}
