import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'workspace', component: () => import('@/views/WorkspaceView.vue') },
  { path: '/tasks', name: 'tasks', component: () => import('@/views/TasksView.vue') },
  { path: '/status', name: 'status', component: () => import('@/views/StatusView.vue') },
  { path: '/spend', name: 'spend', component: () => import('@/views/SpendView.vue') },
  { path: '/batches/:id', name: 'batch', props: true, component: () => import('@/views/BatchView.vue') },
  { path: '/duels/:id', name: 'duel', props: true, component: () => import('@/views/DuelView.vue') },
  { path: '/notifications', name: 'notices', component: () => import('@/views/NoticesView.vue') },
  { path: '/:rest(.*)*', name: 'missing', component: () => import('@/views/NotFoundView.vue') },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, kept) => kept ?? (to.path === from.path ? false : { top: 0 }),
})
