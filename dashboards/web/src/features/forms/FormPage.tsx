import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { api, ask } from '@/api/client';
import { type Form, useForms, usePatrolWrite } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { ConfirmButton } from '@/ui/ConfirmDialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { NAMELESS, NameFields } from '@/ui/NameFields';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { tell } from '@/ui/toasts';
import { FormPreview } from './FormPreview';
import styles from './Forms.module.css';
import { ItemRow } from './ItemRow';
import { freeKey, itemOf, type Row, rowOf } from './items';

/** The editor of one form: its items as rows, and beside them what the phone will show. */
export function FormPage() {
  const { t } = useTranslation();
  const id = useParams().id;
  const query = useForms();
  useTitle(t('patrol.forms'));
  if (id === 'new') return <Editor key="new" form={null} />;
  return (
    <Loaded query={query} lines={6}>
      {(data) => {
        const form = data.items.find((one) => String(one.id) === id);
        return form ? <Editor key={form.id} form={form} /> : <Empty title={t('failure.notFound')} />;
      }}
    </Loaded>
  );
}

function Editor({ form }: { form: Form | null }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const navigate = useNavigate();
  const [key, setKey] = useState(form?.key ?? '');
  const [name, setName] = useState(form?.name ?? NAMELESS);
  const [rows, setRows] = useState<Row[]>(() => (form?.items ?? []).map(rowOf));
  const items = rows.map((row) => row.item);
  const save = usePatrolWrite(() => {
    const body = { key, name, items };
    return form === null
      ? ask(api.POST('/api/v1/forms', { body }))
      : ask(api.PUT('/api/v1/forms/{form_id}', { params: { path: { form_id: form.id } }, body }));
  });
  const retire = usePatrolWrite((id: number) =>
    ask(api.DELETE('/api/v1/forms/{form_id}', { params: { path: { form_id: id } } })),
  );
  const done = () => {
    tell(t('patrol.edit.saved'));
    void navigate('/forms');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined, { onSuccess: done });
  };
  const move = (from: number, to: number) => {
    if (to < 0 || to >= rows.length) return;
    const next = [...rows];
    next.splice(to, 0, ...next.splice(from, 1));
    setRows(next);
  };
  const add = () =>
    setRows([
      ...rows,
      rowOf(
        itemOf('check', {
          key: freeKey(
            'item',
            items.map((one) => one.key),
          ),
          name: { en: '', zh: '' },
          required: true,
          when: null,
        }),
      ),
    ]);
  const error = save.error ?? retire.error;
  return (
    <>
      <PageHead
        title={form ? label(form.name) : t('patrol.form.new')}
        under={form ? t('patrol.form.newVersion', { version: form.version + 1 }) : undefined}
      />
      <div className={styles.editor}>
        <Panel>
          <form className={layout.form} onSubmit={submit}>
            <div className={layout.pair}>
              <Field
                label={t('patrol.edit.key')}
                required
                pattern="[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}"
                title={t('patrol.edit.keyHint')}
                disabled={form !== null}
                value={key}
                onChange={(event) => setKey(event.target.value)}
              />
              <NameFields name={name} onChange={setName} />
            </div>
            <ol className={styles.items}>
              {rows.map((row, index) => (
                <ItemRow
                  key={row.id}
                  item={row.item}
                  number={index + 1}
                  before={items.slice(0, index)}
                  onChange={(item) =>
                    setRows(rows.map((one) => (one.id === row.id ? { ...one, item } : one)))
                  }
                  onMove={(by) => move(index, index + by)}
                  onRemove={() => setRows(rows.filter((one) => one.id !== row.id))}
                />
              ))}
            </ol>
            <div className={layout.tools}>
              <Button onClick={add}>{t('patrol.form.addItem')}</Button>
            </div>
            {error && <p role="alert">{text(error)}</p>}
            <div className={layout.tools}>
              <Button
                type="submit"
                look="primary"
                isLarge
                isBusy={save.isPending}
                disabled={rows.length === 0}
              >
                {t('action.save')}
              </Button>
              {form && (
                <ConfirmButton
                  isLarge
                  title={t('patrol.form.retireSure', { name: label(form.name) })}
                  deed={t('patrol.form.retire')}
                  isBusy={retire.isPending}
                  onConfirm={() => retire.mutate(form.id, { onSuccess: done })}
                >
                  {t('patrol.form.retireMeans')}
                </ConfirmButton>
              )}
            </div>
          </form>
        </Panel>
        <FormPreview items={items} />
      </div>
    </>
  );
}
