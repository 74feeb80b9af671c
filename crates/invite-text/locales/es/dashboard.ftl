### The words of the console's dashboard. The rules for writing stand at the top of common.ftl.

## At a glance.

dashboard-figures = De un vistazo
dashboard-open = Abiertas ahora
dashboard-suspended =
    { $count ->
        [one] Además, { $count } está en suspenso
       *[other] Además, { $count } están en suspenso
    }
dashboard-accepted = Aceptadas en las últimas { $count } semanas
dashboard-rate = { $percent } % de las respondidas o caducadas
dashboard-rate-none = Ninguna respondida ni caducada todavía
dashboard-median = Tiempo hasta la aceptación
dashboard-median-text = Mediana: la mitad tardó menos
dashboard-median-none = Nadie ha aceptado todavía
dashboard-expiring = Caducan en { $count } días
dashboard-expiring-see = Ver cuáles
dashboard-undelivered = Mensajes no entregados
dashboard-undelivered-see = Ver por qué
dashboard-undelivered-none = Nada está atascado

## Plots.

dashboard-flow = De la emisión a la aceptación
dashboard-outcomes = Cómo terminaron
dashboard-series-issued = Emitidas
dashboard-series-sent = Enviadas
dashboard-series-accepted = Aceptadas
dashboard-series-declined = Rechazadas
dashboard-series-expired = Caducadas
dashboard-pair = { $label }: { $count }
dashboard-plot-text = Barras por semana, desde la semana del { $from } hasta la del { $until }. En total: { $pairs }. Las mismas cifras figuran en la tabla de abajo.
dashboard-week-of = Semana del { $date }
dashboard-weeks-text = La semana empieza el lunes, en la zona horaria { $zone }. La sombreada todavía no ha terminado. Una invitación enviada de nuevo cuenta como un envío más.
dashboard-numbers = Mostrar las cifras
dashboard-numbers-caption = Lo ocurrido, semana a semana
dashboard-week = Semana del
dashboard-week-running = en curso
dashboard-total = En total

## What expires soon.

dashboard-soon-none = Ninguna invitación abierta caduca en { $count } días.
dashboard-soon-more =
    { $count ->
        [one] { $count } más no figura en esta tabla.
       *[other] { $count } más no figuran en esta tabla.
    }
dashboard-soon-all = Todas las invitaciones abiertas, las que terminan antes primero

## Where nothing happened yet.

dashboard-empty = Todavía no hay invitaciones
dashboard-empty-text = Invite a las primeras personas. A partir de entonces verá aquí a quién se ha invitado, quién ha aceptado y qué invitaciones caducan pronto.
dashboard-empty-wait = En cuanto se emita la primera invitación, verá aquí qué pasa con ella.
