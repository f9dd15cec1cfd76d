import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { useSession } from '@/stores/session'
import { guard } from './guard'

const open = { open: true }
const accounts = { accounts: true }

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'workspace', component: () => import('@/views/WorkspaceView.vue') },
  { path: '/tasks', name: 'tasks', component: () => import('@/views/TasksView.vue') },
  { path: '/turns', name: 'turns', component: () => import('@/views/TurnsView.vue') },
  { path: '/status', name: 'status', component: () => import('@/views/StatusView.vue') },
  { path: '/spend', name: 'spend', component: () => import('@/views/SpendView.vue') },
  { path: '/batches/:id', name: 'batch', props: true, component: () => import('@/views/BatchView.vue') },
  { path: '/duels/:id', name: 'duel', props: true, component: () => import('@/views/DuelView.vue') },
  { path: '/notifications', name: 'notices', component: () => import('@/views/NoticesView.vue') },
  { path: '/login', name: 'login', meta: open, component: () => import('@/views/LoginView.vue') },
  { path: '/invite', name: 'invite', meta: open, component: () => import('@/views/InviteView.vue') },
  { path: '/reset', name: 'reset', meta: open, component: () => import('@/views/ResetView.vue') },
  { path: '/shared/:id?', name: 'shared', meta: open, props: true, component: () => import('@/views/SharedView.vue') },
  { path: '/profile', name: 'profile', meta: accounts, component: () => import('@/views/ProfileView.vue') },
  { path: '/tokens', name: 'tokens', meta: accounts, component: () => import('@/views/TokensView.vue') },
  {
    path: '/admin/people',
    name: 'people',
    meta: { admin: true, accounts: true },
    component: () => import('@/views/PeopleView.vue'),
  },
  { path: '/admin/audit', name: 'audit', meta: { admin: true }, component: () => import('@/views/AuditView.vue') },
  { path: '/:rest(.*)*', name: 'missing', component: () => import('@/views/NotFoundView.vue') },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, kept) => kept ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach((to) => guard(to, useSession()))
