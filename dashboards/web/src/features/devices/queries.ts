import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Item } from '@/api/answers';
import { ApiError, api, ask } from '@/api/client';
import { useChange } from '@/api/queries';
import type { components } from '@/api/schema';
import { ASK_AGAIN_MS, type PresenceState } from '@/nouns/devices/queries';
import { language } from '@/text/i18n';

export type Device = Item<'/api/v1/devices'>;
export type Issued = components['schemas']['IssuedIdentity'];
export type Report = components['schemas']['WorkbookReport'];

export const PAGE = 50;

export interface DeviceFilter {
  q: string;
  state: PresenceState | 'all';
  offset: number;
}

export function useDevices({ q, state, offset }: DeviceFilter) {
  return useQuery({
    queryKey: ['devices', 'list', q, state, offset],
    queryFn: () =>
      ask(
        api.GET('/api/v1/devices', {
          params: { query: { limit: PAGE, offset, ...(q && { q }), ...(state !== 'all' && { state }) } },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: ASK_AGAIN_MS,
  });
}

export function useDevice(id: string) {
  return useQuery({
    queryKey: ['devices', 'one', id],
    queryFn: () => ask(api.GET('/api/v1/devices/{device_id}', path(id))),
    refetchInterval: ASK_AGAIN_MS,
  });
}

const CONNECTED = ['devices', 'assets'] as const;

const path = (device: string) => ({ params: { path: { device_id: device } } });

/** A user of its own at the broker; the password is in this answer and nowhere else. */
export function useIssue() {
  return useChange(CONNECTED, (device: string) =>
    ask(api.POST('/api/v1/devices/{device_id}/identity', path(device))),
  );
}

export function useWithdraw() {
  return useChange(CONNECTED, (device: string) =>
    ask(api.DELETE('/api/v1/devices/{device_id}/identity', path(device))),
  );
}

export function useNameDevice() {
  return useChange(CONNECTED, ({ device, name }: { device: string; name: string }) =>
    ask(api.PATCH('/api/v1/devices/{device_id}', { ...path(device), body: { name: name || null } })),
  );
}

export function useReplace() {
  return useChange(CONNECTED, ({ device, by }: { device: string; by: string }) =>
    ask(api.POST('/api/v1/devices/{device_id}/replace', { ...path(device), body: { new_device: by } })),
  );
}

/** Look at a workbook, or import it. */
export function useWorkbook() {
  return useChange(CONNECTED, async ({ file, apply }: { file: File; apply: boolean }): Promise<Report> => {
    const response = await fetch(`/api/v1/workbook?apply=${apply}`, {
      method: 'POST',
      body: file,
      headers: {
        'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        'Accept-Language': language(),
      },
    }).catch(() => {
      throw new ApiError(0, 'unreachable', '');
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer as Report;
    throw new ApiError(response.status, answer.code ?? 'unknown', answer.detail ?? '');
  });
}
