/** Prompts that people keep, for themselves or for the team. */
import { get, http, post } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Template = Schemas['TemplateOut']
export type TemplateDraft = Schemas['TemplateIn']

const templateUrl = (id: string) => `/templates/${encodeURIComponent(id)}`
export const listTemplates = async () => (await get<Schemas['TemplatesOut']>('/templates')).items
export const createTemplate = (body: TemplateDraft) => post<Template>('/templates', body)
export const changeTemplate = async (id: string, body: Schemas['TemplatePatchIn']) =>
  (await http.patch<Template>(templateUrl(id), body)).data
export async function deleteTemplate(id: string): Promise<void> {
  await http.delete(templateUrl(id))
}
