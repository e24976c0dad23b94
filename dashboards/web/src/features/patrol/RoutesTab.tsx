import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCheckpoints } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { Doubts } from './Doubts';
import { type Route, useRouteCheck, useRoutes } from './planning';
import { RouteDialog } from './RouteDialog';

export function RoutesTab() {
  const { t } = useTranslation();
  const query = useRoutes();
  const [edited, setEdited] = useState<Route | 'new' | null>(null);
  return (
    <>
      <div className={layout.tools}>
        <Button look="primary" onClick={() => setEdited('new')}>
          {t('patrol.route.new')}
        </Button>
      </div>
      <Loaded
        query={query}
        lines={6}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('patrol.route.none')}>{t('patrol.route.noneHint')}</Empty>}
      >
        {(data) => (
          <div className={layout.cards}>
            {data.items.map((route) => (
              <RouteCard key={route.id} route={route} onEdit={() => setEdited(route)} />
            ))}
          </div>
        )}
      </Loaded>
      {edited && <RouteDialog route={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}

function RouteCard({ route, onEdit }: { route: Route; onEdit: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const places = new Map((useCheckpoints().data?.items ?? []).map((one) => [one.id, one]));
  const check = useRouteCheck(route.id);
  return (
    <Panel
      title={label(route.name)}
      actions={
        <Button onClick={onEdit} aria-label={`${t('action.edit')} ${label(route.name)}`}>
          {t('action.edit')}
        </Button>
      }
    >
      <div className={layout.form}>
        <p className="quiet small">
          {t('patrol.route.count', { count: route.legs.length })} · {t(`patrol.round.orderOf.${route.walk}`)}
        </p>
        <p>
          {route.legs
            .map((leg) => {
              const place = places.get(leg.checkpoint_id);
              return place ? label(place.name) : leg.checkpoint_id;
            })
            .join(' → ')}
        </p>
        <div>
          <h3>{t('patrol.route.check')}</h3>
          <Loaded query={check} lines={1}>
            {(doubts) => <Doubts doubts={doubts} />}
          </Loaded>
        </div>
      </div>
    </Panel>
  );
}
