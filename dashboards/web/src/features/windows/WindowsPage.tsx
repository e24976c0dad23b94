import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AlarmTabs } from '@/nouns/alarms/AlarmTabs';
import { Left } from '@/nouns/alarms/Availability';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Empty, Loaded } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { useTitle } from '@/ui/screen';
import { type MaintenanceWindow, useEndWindow, useWindows, type WindowStates } from './queries';
import { WindowForm } from './WindowForm';
import styles from './WindowsPage.module.css';

const STATES: WindowStates[] = ['current', 'over'];

export function WindowsPage() {
  const { t } = useTranslation();
  const [state, setState] = useState<WindowStates>('current');
  const [isAsking, setAsking] = useState(false);
  const mayOpen = useMay('engineer');
  const query = useWindows(state);
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
      <Panel isFlush>
        <Loaded
          query={query}
          isEmpty={(page) => page.items.length === 0}
          empty={<Empty title={t('window.none')}>{t('window.noneHint')}</Empty>}
        >
          {(page) => page.items.map((one) => <Row key={one.id} window={one} mayEnd={mayOpen} />)}
        </Loaded>
      </Panel>
      {isAsking && <WindowForm onClose={() => setAsking(false)} />}
    </>
  );
}

function Row({ window, mayEnd }: { window: MaintenanceWindow; mayEnd: boolean }) {
  const { t } = useTranslation();
  const { label, short, time } = useFormat();
  const end = useEndWindow();
  const text = useFailureText();
  const isOver = window.state === 'over';
  return (
    <div className={styles.row}>
      <div>
        <div className={styles.where}>{label(window.node.name)}</div>
        <div className="quiet">
          {window.disciplines.length
            ? window.disciplines.map((one) => t(`window.discipline.${one}`, { defaultValue: one })).join(', ')
            : t('window.allDisciplines')}
          {window.life_safety && <strong> · {t('window.withLives')}</strong>}
        </div>
      </div>
      <div>
        <div>{window.reason}</div>
        <div className="quiet">
          {window.owner.display_name} · {short(window.starts_at)} – {short(window.ended_at ?? window.ends_at)}
        </div>
        {end.error && <p role="alert">{text(end.error)}</p>}
      </div>
      <div className={styles.left} title={time(window.ends_at)}>
        {isOver && t('window.over')}
        {window.state === 'active' && <Left until={window.ends_at} />}
        {window.state === 'planned' && <Begins at={window.starts_at} />}
      </div>
      {mayEnd && !isOver && (
        <Button onClick={() => end.mutate(window.id)} isBusy={end.isPending}>
          {t('window.endNow')}
        </Button>
      )}
    </div>
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
