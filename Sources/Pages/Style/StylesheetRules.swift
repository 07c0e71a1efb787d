extension Stylesheet {
  /// Phones first: the card is the page. From 40rem on it is a card. Sizes are in rem, so that they follow the
  /// person's own text size.
  static let rules = """
    :root{color-scheme:light dark}
    *,::before,::after{box-sizing:border-box}
    [hidden]{display:none!important}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;min-height:100vh;background:var(--card);color:var(--text);overflow-wrap:anywhere;
    font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
    header,main{width:100%;max-width:30rem;margin:0 auto;padding:0 1.25rem}
    .wide header,.wide main{max-width:46rem}
    header{display:flex;align-items:center;gap:.75rem;padding-top:1.5rem;padding-bottom:1.5rem;
    color:var(--quiet);font-weight:600}
    header img{max-width:10rem;max-height:2.5rem;flex:none}
    main{padding-bottom:2.5rem}
    h1{margin:0;font-size:1.625rem;line-height:1.25;letter-spacing:-.01em}
    h2{margin:0;font-size:1rem;line-height:1.4}
    p{margin:.5rem 0 0}
    ul{list-style:none;margin:0;padding:0}
    a{color:var(--accent);text-underline-offset:.15em}
    .quiet{color:var(--quiet)}
    .small{font-size:.9375rem}
    .host{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9375rem;color:var(--quiet)}
    form{margin:0}
    .part{margin-top:1.75rem}
    label{display:block}
    .field{margin-top:1.25rem}
    .field label{font-weight:600;margin-bottom:.375rem}
    .field input{display:block;width:100%;min-height:3rem;padding:.5rem .875rem;font:inherit;color:inherit;
    background:var(--card);border:1px solid var(--field);border-radius:.625rem}
    .field input[aria-invalid]{border-color:var(--bad);border-width:2px}
    :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
    button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:3rem;padding:.5rem 1.25rem;
    font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;border-radius:.625rem;
    border:1px solid var(--accent);background:var(--accent);color:var(--card);overflow-wrap:anywhere}
    button.calm,.button.calm{background:transparent;color:var(--accent);border-color:var(--field)}
    button.plain{min-height:2.75rem;padding:0 .25rem;border-color:transparent;background:transparent;
    color:var(--accent);font-weight:400;text-decoration:underline;text-underline-offset:.15em}
    button:hover,.button:hover{filter:brightness(.93)}
    .actions{display:grid;gap:.75rem;margin-top:1.75rem}
    .notice{margin-top:1.25rem;padding:.875rem 1rem;border-radius:.625rem;background:var(--notice);
    border-left:4px solid var(--accent)}
    .notice.bad{border-color:var(--bad);background:var(--wrong)}
    .person{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 .75rem;
    margin-top:1.25rem;padding:.375rem 1rem;border:1px solid var(--line);border-radius:.625rem}
    .person>span{flex:1 1 9rem}
    .person .quiet{display:block;font-size:.875rem}
    fieldset{margin:1.75rem 0 0;padding:0;border:0;min-width:0}
    legend{padding:0;font-weight:600}
    .choice{position:relative;display:grid;grid-template-columns:auto 1fr auto;gap:0 .875rem;align-items:start;
    min-height:2.75rem;padding:.75rem 0;border-bottom:1px solid var(--line)}
    .choice:last-child{border-bottom:0}
    .choice input{position:relative;z-index:1;width:1.375rem;height:1.375rem;margin:.0625rem 0 0;accent-color:var(--accent)}
    .choice label{font-weight:500;cursor:pointer}
    .choice label::after{content:"";position:absolute;inset:0}
    .choice input:disabled{appearance:none;display:grid;place-content:center;border-radius:.1875rem;
    background:var(--quiet)}
    .choice input:disabled::before{content:"";width:.75rem;height:.75rem;background:var(--card);
    clip-path:polygon(14% 44%,0 60%,40% 100%,100% 18%,85% 5%,38% 68%)}
    .choice input:disabled~label{cursor:default}
    .choice .quiet{grid-column:2/-1;margin:0;font-size:.9375rem}
    .tag{padding:0 .5rem;border:1px solid var(--field);border-radius:1rem;font-size:.8125rem;line-height:1.5rem;
    color:var(--quiet)}
    .story>div{margin-top:1.5rem}
    .story dt{font-weight:600}
    .story dd{margin:.125rem 0 0}
    code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
    .grant{margin-top:1.5rem;padding:1.25rem;border:1px solid var(--line);border-radius:.75rem}
    .grant h2{font-size:1.125rem}
    .grant dt{margin-top:1rem;font-size:.875rem;color:var(--quiet)}
    .grant dd{margin:0}
    .grant .actions{margin-top:1.25rem}
    .trail ul{display:flex;flex-wrap:wrap;gap:.25rem .5rem;margin-bottom:1rem;font-size:.9375rem;color:var(--quiet)}
    .trail li+li::before{content:"/";margin-right:.5rem}
    .article h2{margin-top:2.25rem;font-size:1.1875rem}
    .article h3{margin:1.5rem 0 0;font-size:1rem}
    .article p,.article ul,.article pre,.article table{margin:.75rem 0 0}
    .article ul{padding-left:1.25rem;list-style:disc}
    .article pre{white-space:pre-wrap;padding:1rem;border-radius:.625rem;background:var(--notice);line-height:1.45}
    .article table{border-collapse:collapse}
    .article td,.article th{border:1px solid var(--line);padding:.375rem .75rem;text-align:left}
    @media (min-width:40rem){
    body{background:var(--page);padding-bottom:4rem}
    header{padding:3rem 0 1.5rem;justify-content:center}
    main{padding:2.5rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;
    box-shadow:0 1px 2px rgb(0 0 0/.04),0 12px 32px rgb(0 0 0/.06)}
    .actions.two{grid-template-columns:1fr 1fr}.actions.two button{padding:.5rem .625rem}
    .grant .actions{justify-content:start;grid-auto-flow:column}
    }
    @media (prefers-reduced-motion:no-preference){button,.button{transition:filter .12s}}
    @media (forced-colors:active){button,.button{border-color:ButtonText}.notice{border:1px solid}
    .choice input{accent-color:auto}.choice input:disabled{appearance:auto}.choice input:disabled::before{content:none}}
    @media print{button,.button{display:none}}

    """
}
