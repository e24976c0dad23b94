import type { Role } from '@/nouns/session/session';

/** From the one who sees to the one who may do everything. */
export const ROLES: Role[] = ['viewer', 'guard', 'engineer', 'admin'];
