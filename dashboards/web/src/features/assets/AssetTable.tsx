import Table, { type ColumnsType } from 'antd/es/table';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { placeOf } from '@/nouns/assets/place';
import { useProfiles } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Desk } from '@/ui/desk/Desk';
import { assetIcon, Icon } from '@/ui/icons';
import { SeverityMark } from '@/ui/SeverityMark';
import type { RowsProps } from './AssetCards';
import { type AssetRow, PAGE } from './useAssetRows';

export function AssetTable({ rows, total, offset, onPage }: RowsProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profiles = new Map(useProfiles().data?.map((profile) => [profile.key, profile.name]));
  const columns: ColumnsType<AssetRow> = [
    {
      title: t('asset.state'),
      width: 150,
      render: (_, { worst }) =>
        worst ? <SeverityMark severity={worst} /> : <span className="quiet">{t('asset.normal')}</span>,
    },
    {
      title: t('asset.name'),
      render: (_, { asset }) => (
        <Link to={`/assets/${asset.id}`}>
          <strong>{label(asset.name)}</strong>
        </Link>
      ),
    },
    {
      title: t('asset.type'),
      render: (_, { asset }) => {
        const name = profiles.get(asset.profile);
        return (
          <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
            <Icon name={assetIcon(asset.profile)} size={18} />
            {name ? label(name) : asset.profile}
          </span>
        );
      },
    },
    { title: t('asset.place'), render: (_, { asset }) => placeOf(asset).map(label).join(' / ') },
    { title: t('asset.openAlarms'), align: 'right', width: 130, render: (_, { open }) => open || '' },
    {
      title: t('asset.key'),
      width: 200,
      render: (_, { asset }) => <span className="quiet">{asset.key}</span>,
    },
  ];
  return (
    <Desk>
      <Table<AssetRow>
        rowKey={(row) => row.asset.id}
        columns={columns}
        dataSource={rows}
        size="middle"
        pagination={{
          total,
          pageSize: PAGE,
          current: Math.floor(offset / PAGE) + 1,
          showSizeChanger: false,
          hideOnSinglePage: true,
          showTotal: (count, [from, to]) => t('asset.shown', { from, to, total: count }),
          onChange: (page) => onPage((page - 1) * PAGE),
        }}
      />
    </Desk>
  );
}
