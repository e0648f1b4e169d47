import { describe, expect, it } from 'vitest'
import { boardIn, deepLinkIn, hashOf, parseDeepLink } from './places.ts'

describe('a deep link', () => {
  it.each([
    ['runboard://board/home', { board: 'home' }],
    ['runboard://board/home/', { board: 'home' }],
    ['runboard://board/home/task/t_12ab34cd', { board: 'home', task: 't_12ab34cd' }],
    ['runboard://board/home/task/t_12ab34cd/run/3', { board: 'home', task: 't_12ab34cd', attempt: 3 }],
  ])('%s opens its place', (link, place) => {
    expect(parseDeepLink(link)).toEqual(place)
  })

  it.each([
    'runboard://',
    'runboard://settings',
    'runboard://board/',
    'runboard://board/Home',
    'runboard://board/../task/t_1',
    'runboard://board/home/task/t_1/run/0',
    'runboard://board/home/task/t_1/run/x',
    'runboard://board/home/task/<script>',
    'runboard://board/home#/settings',
    'https://board/home',
    'file:///etc/passwd',
    '--flag',
  ])('%s is ignored', (link) => {
    expect(parseDeepLink(link)).toBeNull()
  })

  it('is found among the words of a command line', () => {
    expect(deepLinkIn(['/usr/bin/electron', '.', '--flag', 'runboard://board/home'])).toEqual({
      board: 'home',
    })
    expect(deepLinkIn(['/usr/bin/electron', '.'])).toBeNull()
  })
})

describe('an address of the page', () => {
  it('shows the place, and names its board', () => {
    const hash = hashOf({ board: 'home', task: 't_1', attempt: 2 })
    expect(hash).toBe('#/board/home/task/t_1/run/2')
    expect(boardIn(`runboard-app://app/${hash}`)).toBe('home')
  })

  it('may show a view', () => {
    expect(hashOf({ board: 'home', view: 'inbox' })).toBe('#/board/home/inbox')
    expect(boardIn('runboard-app://app/#/board/home?q=1')).toBe('home')
  })

  it('names no board in the settings', () => {
    expect(boardIn('runboard-app://app/#/settings')).toBeNull()
  })
})
