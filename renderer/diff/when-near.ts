import type { Attachment } from 'svelte/attachments'

/** How far from being seen something is drawn already, of the height of what it scrolls in. */
const MARGIN = '100%'

/** @param come called once, when the element is nearly in view */
export function whenNear(come: () => void): Attachment {
  return (element) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return
        observer.disconnect()
        come()
      },
      // The margin counts only around the element that scrolls, not around the window.
      { root: element.closest('[data-scrolls]'), rootMargin: `${MARGIN} 0px` },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }
}
