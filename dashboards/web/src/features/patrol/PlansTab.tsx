import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCheckpoints, usePlans } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { AddPlanDialog } from './AddPlanDialog';
import { PlanEditor } from './PlanEditor';

export function PlansTab() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const plans = usePlans();
  const checkpoints = useCheckpoints().data?.items ?? [];
  const [isAdding, setIsAdding] = useState(false);
  return (
    <>
      <div className={layout.tools}>
        <Button look="primary" onClick={() => setIsAdding(true)}>
          {t('patrol.plans.add')}
        </Button>
      </div>
      <Loaded
        query={plans}
        lines={6}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('patrol.noPlans')}>{t('patrol.noPlansHint')}</Empty>}
      >
        {(data) =>
          data.items.map((plan) => (
            <Panel key={plan.id} title={label(plan.name)}>
              <PlanEditor plan={plan} checkpoints={checkpoints} />
            </Panel>
          ))
        }
      </Loaded>
      {isAdding && <AddPlanDialog onClose={() => setIsAdding(false)} />}
    </>
  );
}
