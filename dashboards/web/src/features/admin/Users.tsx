import Table, { type ColumnsType } from 'antd/es/table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type User, useUsers } from '@/nouns/people/queries';
import { type Role, useSession } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { ConfirmButton } from '@/ui/ConfirmDialog';
import { Desk } from '@/ui/desk/Desk';
import { useFailureText } from '@/ui/Failure';
import { Choice } from '@/ui/Field';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Notice } from '@/ui/Notice';
import { Panel } from '@/ui/Panel';
import { AddUser } from './AddUser';
import styles from './AdminPage.module.css';
import { LoginLink } from './LoginLink';
import { useChangeUser } from './queries';
import { ROLES } from './roles';

export function Users() {
  const { t } = useTranslation();
  const query = useUsers();
  const [isAdding, setAdding] = useState(false);
  const [linkFor, setLinkFor] = useState<User | null>(null);
  return (
    <>
      <div className={layout.tools}>
        <Button look="primary" onClick={() => setAdding(true)}>
          {t('admin.addUser')}
        </Button>
      </div>
      <Panel isFlush>
        <Loaded query={query} lines={5}>
          {(data) => <UserTable users={data.items} onLink={setLinkFor} />}
        </Loaded>
      </Panel>
      {isAdding && <AddUser onClose={() => setAdding(false)} />}
      {linkFor && <LoginLink user={linkFor} onClose={() => setLinkFor(null)} />}
    </>
  );
}

function UserTable({ users, onLink }: { users: User[]; onLink: (user: User) => void }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const text = useFailureText();
  const me = useSession().user.id;
  const change = useChangeUser();
  const columns: ColumnsType<User> = [
    {
      title: t('admin.person'),
      render: (_, user) => (
        <>
          <strong className={user.disabled_at ? styles.off : undefined}>{user.display_name}</strong>
          <div className="quiet small">{user.name}</div>
        </>
      ),
    },
    {
      title: t('admin.role'),
      width: 190,
      render: (_, user) => (
        <Choice<Role>
          label={t('admin.roleOf', { name: user.display_name })}
          isCompact
          value={user.role}
          options={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
          onPick={(role) => change.mutate({ id: user.id, role })}
        />
      ),
    },
    {
      title: t('admin.created'),
      width: 190,
      render: (_, user) => <span className="nowrap">{time(user.created_at)}</span>,
    },
    {
      title: t('admin.access'),
      width: 340,
      render: (_, user) => (
        <div className={styles.actions}>
          <Button onClick={() => onLink(user)} disabled={user.disabled_at !== null}>
            {t('admin.resetLogin')}
          </Button>
          {user.disabled_at ? (
            <Button onClick={() => change.mutate({ id: user.id, disabled: false })}>
              {t('admin.enable')}
            </Button>
          ) : (
            <ConfirmButton
              title={t('admin.disableSure', { name: user.display_name })}
              deed={t('admin.disable')}
              disabled={user.id === me}
              onConfirm={() => change.mutate({ id: user.id, disabled: true })}
            >
              {t('admin.disableMeans')}
            </ConfirmButton>
          )}
        </div>
      ),
    },
  ];
  return (
    <Desk>
      {change.error && <Notice role="alert">{text(change.error)}</Notice>}
      <Table<User>
        rowKey="id"
        columns={columns}
        dataSource={users}
        pagination={false}
        size="middle"
        scroll={{ x: 900 }}
      />
    </Desk>
  );
}
