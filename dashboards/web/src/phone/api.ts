import type { components } from '@/api/schema';

type Schemas = components['schemas'];

/** All that a phone needs for a shift. */
export type Bundle = Schemas['BundleRead'];
export type Round = Schemas['BundleRound'];
export type Leg = Schemas['LegRead'];
export type Checkpoint = Schemas['BundleCheckpoint'];
export type Form = Schemas['FormRead'];
export type FormItem = Form['items'][number];
export type SyncAnswer = Schemas['SyncOut'];
export type SyncResult = Schemas['SyncResult'];
export type Mine = Schemas['MineRead'];
export type Call = Bundle['calls'][number];
export type SosCall = Schemas['SosRead'];
