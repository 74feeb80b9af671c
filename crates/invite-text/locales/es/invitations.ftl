### The words of the console's pages of invitations. The rules for writing stand at the top of common.ftl.

## The list of invitations.

invitations-title = Invitaciones
invitations-new-link = Invitar a personas
invitations-none = Aún no se ha invitado a nadie.
invitations-none-text = Escriba una dirección o pegue una lista entera: cada persona recibe un enlace personal por correo.
invitations-first-link = Emitir la primera invitación
invitations-by-status = Invitaciones por estado
invitations-all = Todas
invitations-search = Buscar
invitations-any-role = Todos los roles
invitations-any-delivery = Todos los envíos
invitations-sort = Ordenar por
invitations-sort-created-at-last = Más recientes primero
invitations-sort-created-at-first = Más antiguas primero
invitations-sort-expires-at-first = Las que terminan antes
invitations-sort-expires-at-last = Las que terminan más tarde
invitations-sort-email-first = Dirección, de la A a la Z
invitations-sort-email-last = Dirección, de la Z a la A
invitations-filter-button = Aplicar filtros
invitations-filter-none = Mostrar todas
invitations-column-recipient = Destinatario
invitations-column-status = Estado
invitations-column-role = Rol
invitations-column-inviter = Emitida por
invitations-column-issued = Emitida
invitations-column-expires = Caduca
invitations-column-delivery = Envío
invitations-ended = Ha terminado.
invitations-total =
    { $count ->
        [one] { $count } invitación
       *[other] { $count } invitaciones
    }

## How an invitation stands.

invitation-status-pending = Abierta
invitation-status-redeemed = Aceptada
invitation-status-declined = Rechazada
invitation-status-revoked = Retirada
invitation-status-expired = Caducada
invitation-status-exhausted = Agotada
invitation-status-suspended = En suspenso

## What became of a message.

delivery-state-queued = En cola
delivery-state-sent = Enviado
delivery-state-failed = Fallido
delivery-state-cancelled = No enviado
delivery-channel-email = Por correo
delivery-channel-sms = Por SMS
delivery-none = No se ha enviado nada
delivery-attempts =
    { $count ->
        [one] { $count } intento
       *[other] { $count } intentos
    }
delivery-next = próximo intento
delivery-reason-smtp-refused = El servidor de correo ha rechazado esta dirección.
delivery-reason-smtp-deferred = El servidor de correo ha pedido que se intente más tarde.
delivery-reason-sms-refused = Se ha rechazado el SMS.
delivery-reason-sms-deferred = Hay que volver a intentar el SMS más tarde.
delivery-reason-unreachable = No se ha podido contactar con el servidor.
delivery-reason-tls-failed = La conexión no era segura, por eso no se ha enviado nada.
delivery-reason-address-unsupported = El servidor de correo no sabe escribir a una dirección así.
delivery-reason-template-failed = No se ha podido redactar el mensaje a partir de su plantilla.
delivery-reason-recipient-blocked = El destinatario no quiere correos de su organización.
delivery-reason-overtaken = Un mensaje más reciente ha ocupado su lugar.
delivery-reason-invitation-ended = La invitación terminó antes de que saliera el mensaje.
delivery-reason-invitation-expired = La invitación caducó antes de que saliera el mensaje.
delivery-reason-invitation-suspended = La invitación está en suspenso.
delivery-reason-key-retired = La clave del enlace ya no se usa. Envíe de nuevo la invitación.
delivery-reason-link-ended = El enlace terminó antes de que saliera el mensaje.
delivery-reason-not-needed = Ya no había nada que comunicar.
delivery-reason-address-taken = La dirección pertenece a otra cuenta.
delivery-reason-unreadable = No se puede leer lo que hay guardado del mensaje.
delivery-reason-attempts-exhausted = Han fallado demasiados intentos.

## How far an instant is from now.

relative-now = ahora mismo
relative-in-minutes =
    { $count ->
        [one] en { $count } minuto
       *[other] en { $count } minutos
    }
relative-in-hours =
    { $count ->
        [one] en { $count } hora
       *[other] en { $count } horas
    }
relative-in-days =
    { $count ->
        [one] en { $count } día
       *[other] en { $count } días
    }
relative-ago-minutes =
    { $count ->
        [one] hace { $count } minuto
       *[other] hace { $count } minutos
    }
relative-ago-hours =
    { $count ->
        [one] hace { $count } hora
       *[other] hace { $count } horas
    }
relative-ago-days =
    { $count ->
        [one] hace { $count } día
       *[other] hace { $count } días
    }

## Issuing.

invitations-new-title = Invitar a su organización
invitations-addresses = Direcciones de correo
invitations-addresses-hint = Una o hasta cien, tal como las tenga: separadas por comas, puntos y comas, espacios o líneas, con o sin nombres.
invitations-addresses-wrong =
    { $count ->
        [one] { $count } entrada no es una dirección de correo. No se ha enviado nada.
       *[other] { $count } entradas no son direcciones de correo. No se ha enviado nada.
    }
invitations-addresses-many = Hay más de { $count } direcciones. Invítelas en varias veces.
invitations-line = Línea { $count }:
invitations-new-button = Enviar las invitaciones
invitations-preview-button = Vista previa del correo
invitation-role = Rol en la organización
invitation-role-hint = Puede elegir entre los roles que no permiten más de lo que usted puede hacer.
invitation-role-none = Ningún rol
invitation-role-gone = Un rol eliminado
invitation-permissions-more = Más permisos
invitation-permissions-hint = Se dan además del rol y se conservan si el rol cambia.
invitation-days = Días hasta que caduque
invitation-days-hint = Si se deja vacío: { $usual }. Como máximo: { $most }.
invitation-days-wrong = Escriba un número entero de 1 a { $count }.
invitation-again-hint = A partir de ahora. Si se deja vacío: { $usual }, o como hasta ahora si es más. Como máximo: { $most }.
invitation-keep-hint = A partir de ahora. Si se deja vacío, el final no cambia. Lo habitual: { $usual }; como máximo: { $most }.
invitation-locale = Idioma del correo
invitation-locale-hint = La persona invitada puede elegir otro en la página.
invitation-locale-usual = El habitual de la organización
invitation-message = Mensaje personal
invitation-message-hint = Figura en el correo en su nombre, como texto sin formato. Los enlaces que contenga no se pueden abrir.
preview-title = Así será el correo
preview-text = No se ha enviado nada. Aquí se omiten el enlace y el código.
preview-to = Para
preview-subject = Asunto
preview-html = El correo con su diseño
preview-too-long = El mensaje es demasiado largo para mostrar aquí el correo con su diseño. Debajo está su texto.
preview-plain = Lo mismo como texto sin formato

## What became of several invitations that were issued together.

invitations-outcome-title = Qué ha pasado con ellas
outcome-column = Resultado
outcome-issued = Invitación emitida
outcome-issued-text = El correo está en camino.
outcome-invited = Ya había una invitación
outcome-invited-text = Hay una invitación abierta; no se ha enviado nada. Puede volver a enviarla desde su página.
outcome-member = Ya es miembro
outcome-member-text = Esta persona pertenece a la organización; no se ha enviado nada.
outcome-blocked = No quiere correos
outcome-blocked-text = La invitación está guardada, pero este destinatario no quiere correos de su organización. Puede entregarle el enlace por su cuenta.
outcome-refused = Sin invitación
outcome-refused-text = No ha salido nada.
outcome-left =
    { $count ->
        [one] Algo ha fallado por nuestra parte: queda { $count } dirección por intentar.
       *[other] Algo ha fallado por nuestra parte: quedan { $count } direcciones por intentar.
    }
outcome-left-time =
    { $count ->
        [one] No ha dado tiempo a todo: queda { $count } dirección por intentar.
       *[other] No ha dado tiempo a todo: quedan { $count } direcciones por intentar.
    }
outcome-left-button = Intentarlo ahora
invitations-all-link = Todas las invitaciones
invitations-more-link = Invitar a más personas

## One invitation.

invitation-record = Ficha { $id }
invitation-inviter-you = Usted
actor-member = Un miembro
actor-member-gone = Un antiguo miembro
actor-api-key = Una clave de API
actor-operator = El operador del servicio
actor-invitee = La persona invitada
invitation-about = Sobre esta invitación
invitation-expires = Válida hasta
invitation-uses = Veces usada
invitation-uses-value = { $uses } de un máximo de { $most }
invitation-reason = Motivo
invitation-deliveries = Mensajes
invitation-unsent = No se ha pedido ningún mensaje: el enlace se entrega a mano.
invitation-suspended-text = Quien invitó ya no puede dar lo que concede. No se puede aceptar hasta que alguien se haga cargo de ella.
invitation-suspended-role-gone = El rol que concede se ha eliminado. Elija otro para enviarla de nuevo o retírela.
invitation-expired-text = Envíela de nuevo o prolónguela y se podrá aceptar.
invitation-actions = Qué puede hacer
invitation-beyond = Esta invitación concede más de lo que usted tiene. Por eso algunas acciones no le corresponden.
invitation-history = Historial
invitation-history-earlier =
    { $count ->
        [one] No se muestra { $count } entrada anterior.
       *[other] No se muestran { $count } entradas anteriores.
    }
invitation-elsewhere-title = Invitación de otra organización
invitation-elsewhere-text = Esta invitación pertenece a { $organization }, donde usted también es miembro.
invitation-elsewhere-button = Abrirla en { $organization }

## What is done with an invitation.

sponsor-title = Hacerse cargo
sponsor-text = La invitación pasa a ser suya. Se envía un enlace nuevo y el anterior deja de funcionar.
sponsor-button = Hacerse cargo y enviar
resend-title = Enviar de nuevo
resend-text = Se envía un enlace nuevo y el anterior deja de funcionar.
resend-button = Enviar un enlace nuevo
extend-title = Prolongar
extend-text = El enlace sigue siendo el mismo y no se envía ningún mensaje.
extend-hint = A partir de ahora. El final nuevo tiene que ser posterior al actual.
extend-button = Prolongar la invitación
reveal-summary = Mostrar el enlace y el código
reveal-warning = Quien tenga el enlace puede usar la invitación. En el historial queda anotado que usted lo ha visto.
reveal-button = Mostrar el enlace
reveal-title = Enlace y código
reveal-text = No se los dé a nadie más que a la persona invitada. Solo se muestran esta vez; puede volver a pedirlos.
reveal-only-sends = Su organización exige el enlace del correo: este solo hace que se envíe a la dirección.
reveal-link = Enlace
reveal-code = Código
reveal-code-place = Se introduce aquí:
reveal-qr = El enlace como código QR
reveal-copy-link = Copiar el enlace
reveal-copy-code = Copiar el código
reveal-copied = Copiado.
reveal-hide = Ocultarlos
invitation-edit-link = Modificar su contenido
invitation-edit-title = Modificar una invitación
invitation-edit-note = Si modifica el rol o los permisos, se envía un enlace nuevo y el anterior deja de funcionar. Los demás cambios no envían nada.
invitation-edit-note-unsent = Si modifica el rol o los permisos, hay un enlace nuevo que entregar y el anterior deja de funcionar.
revoke-title = Retirar
revoke-text = El enlace deja de funcionar al momento. No se puede deshacer, pero puede invitar de nuevo a la persona.
revoke-reason = Motivo, si lo desea
revoke-reason-hint = Para quienes lo consulten más tarde en su organización. La persona invitada no lo ve.
revoke-button = Retirar la invitación
revoke-reason-replaced = Una nueva invitación ha ocupado su lugar.
revoke-reason-subject-deleted = Se ha eliminado la ficha a la que iba destinada.
revoke-reason-erased = Se han borrado los datos de la persona a la que iba destinada.
revoke-reason-invalidated = El operador ha invalidado su enlace.
revoke-reason-address-changed = La ficha a la que iba destinada tiene ahora otra dirección.

## What happened.

event-invitation-issued = Invitación emitida
event-invitation-resent = Enviada de nuevo
event-invitation-extended = Prolongada
event-invitation-amended = Modificada
event-invitation-revealed = Enlace mostrado
event-invitation-sponsored = Cambio de responsable
event-invitation-redeemed = Aceptada
event-invitation-declined = Rechazada
event-invitation-revoked = Retirada
event-invitation-expired = Caducada
event-invitation-suspended = Puesta en suspenso
event-invitation-reminded = Recordatorio enviado
event-invitation-delivery-failed = Envío fallido
event-invitation-delivery-replayed = De nuevo en cola
event-membership-created = Nuevo miembro
event-membership-changed = Permisos del miembro modificados
event-membership-removed = Miembro eliminado
event-role-created = Rol creado
event-role-changed = Rol modificado
event-role-deleted = Rol eliminado
event-api-key-created = Clave de API creada
event-api-key-rotated = Clave de API renovada
event-api-key-revoked = Clave de API revocada
event-subject-created = Ficha creada
event-subject-changed = Ficha modificada
event-subject-deleted = Ficha eliminada
event-account-erased = Persona borrada
event-organization-changed = Configuración modificada
event-organization-deleted = Organización eliminada
event-organization-restored = Organización restaurada
event-detail-link-shown = El enlace se mostró al momento.
event-detail-by-invitee = La persona invitada pidió un enlace nuevo.
event-detail-blocked = La persona invitada no quiere más correos de su organización.
event-detail-reminder = Era el recordatorio.
event-detail-regranted = Se cambiaron el rol o los permisos; se ha creado un enlace nuevo.
event-detail-same-link = El enlace siguió siendo el mismo.
event-detail-until = Válida hasta el { $until }.

## What was just done.

done-invitation-issued = La invitación está emitida y el correo está en camino.
done-invitation-resent = Un enlace nuevo está en camino. El anterior ya no funciona.
done-invitation-extended = La invitación se ha prolongado.
done-invitation-amended = La invitación se ha modificado. No se ha enviado nada.
done-invitation-amended-sent = La invitación se ha modificado y tiene un enlace nuevo. El anterior ya no funciona.
done-invitation-revoked = La invitación se ha retirado.
done-invitation-sponsored = Usted se ha hecho cargo de la invitación y un enlace nuevo está en camino.
