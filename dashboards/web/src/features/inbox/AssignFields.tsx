import { useTranslation } from 'react-i18next';
import { useProfiles, useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';

export function ProfileAndPlace(props: {
  type: string;
  place: string;
  isMany: boolean;
  onType: (key: string) => void;
  onPlace: (id: string) => void;
}) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profiles = useProfiles().data ?? [];
  const spaces = useSpaces().data ?? [];
  return (
    <>
      <Choice
        label={t(props.isMany ? 'onboarding.typeOfUnsure' : 'asset.type')}
        value={props.type}
        options={[
          ...(props.type ? [] : [{ value: '', label: t('onboarding.choose') }]),
          ...profiles.map((one) => ({ value: one.key, label: label(one.name) })),
        ]}
        onPick={props.onType}
      />
      <Choice
        label={t('asset.place')}
        value={props.place}
        options={spaces.map((one) => ({ value: String(one.id), label: label(one.name) }))}
        onPick={props.onPlace}
      />
    </>
  );
}
