import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { type Schedule, useRoutes, useSchedules } from './planning';
import { ScheduleDialog } from './ScheduleDialog';
import { useSentence } from './useSentence';

/** When routes are walked: each timetable as one sentence. */
export function SchedulesTab() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const query = useSchedules();
  const routes = useRoutes().data?.items ?? [];
  const sentence = useSentence();
  const [edited, setEdited] = useState<Schedule | 'new' | null>(null);
  return (
    <>
      <div className={layout.tools}>
        <Button look="primary" disabled={routes.length === 0} onClick={() => setEdited('new')}>
          {t('patrol.schedule.new')}
        </Button>
      </div>
      <Loaded
        query={query}
        lines={5}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('patrol.schedule.none')}>{t('patrol.schedule.noneHint')}</Empty>}
      >
        {(data) => (
          <div className={layout.cards}>
            {data.items.map((one) => {
              const route = routes.find((candidate) => candidate.id === one.route_id);
              return (
                <Panel
                  key={one.id}
                  title={route ? label(route.name) : one.route_id}
                  actions={<Button onClick={() => setEdited(one)}>{t('action.edit')}</Button>}
                >
                  <p>{sentence(one, route)}</p>
                  {!one.enabled && <p className="quiet">{t('patrol.schedule.off')}</p>}
                </Panel>
              );
            })}
          </div>
        )}
      </Loaded>
      {edited && (
        <ScheduleDialog
          schedule={edited === 'new' ? null : edited}
          routes={routes}
          onClose={() => setEdited(null)}
        />
      )}
    </>
  );
}
