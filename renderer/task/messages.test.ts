import { describe, expect, it } from 'vitest'
import type { Comment } from '../../contract/index.ts'
import { anEvent, NOW } from '../runs/test-runs.ts'
import { messagesOf } from './messages.ts'

const comment = (fields: Partial<Comment>): Comment => ({
  id: 1,
  task_id: 't_1',
  run_id: null,
  author: 'human',
  body: 'Look at the store too',
  created_at: NOW,
  ...fields,
})

describe('the messages of a task', () => {
  it('are answers, notes and comments, oldest first', () => {
    const messages = messagesOf(
      [
        anEvent('unblocked', { actor: 'human', payload: { answer: 'Blue' }, created_at: NOW + 10 }),
        anEvent('retried', { actor: 'human', payload: { note: null }, created_at: NOW + 20 }),
        anEvent('changes_requested', { actor: 'human', payload: { note: 'Shorter' }, created_at: NOW + 30 }),
      ],
      [comment({ created_at: NOW + 20 }), comment({ id: 2, author: 'reviewer', created_at: NOW + 40 })],
      ['reviewer'],
    )
    expect(messages.map(({ who, how, text }) => [who, how, text])).toEqual([
      ['You', 'answered', 'Blue'],
      ['You', '', 'Look at the store too'],
      ['You', 'asked for changes', 'Shorter'],
      ['reviewer', '', 'Look at the store too'],
    ])
  })

  it('have the answers to questions of an open run, without those to permissions', () => {
    const question = (id: number, kind: string, answer: object) => [
      anEvent('question_asked', { payload: { question_id: id, kind, title: `Which ${id}?` } }),
      anEvent('question_answered', {
        id,
        actor: 'human',
        payload: { question_id: id, ...answer },
        created_at: NOW + id,
      }),
    ]
    const events = [
      ...question(1, 'text', { option: 'red', text: 'It is warm' }),
      ...question(2, 'permission', { option: 'allow' }),
      ...question(3, 'form', {}),
    ]
    expect(messagesOf(events, [], []).map(({ who, how, text }) => [who, how, text])).toEqual([
      ['You', 'answered “Which 1?”', 'red: It is warm'],
      ['You', 'answered “Which 3?”', 'with a form'],
    ])
  })

  it('show a text once that is both an event and a comment', () => {
    const event = anEvent('unblocked', { actor: 'human', payload: { answer: 'Blue' }, created_at: NOW })
    expect(messagesOf([event], [comment({ body: 'Blue', created_at: NOW + 3 })], [])).toHaveLength(1)
  })
})
