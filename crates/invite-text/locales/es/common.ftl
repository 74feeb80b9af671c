### Palabras comunes a los correos y a las páginas. Las reglas de redacción, las variables y el sentido de cada mensaje
### se describen en los archivos en inglés (locales/en), que son la referencia.
###
### Propio del español: se trata de «usted»; comillas «…» y signos de apertura ¿ y ¡, una prueba lo comprueba. Nada concuerda
### con la persona, cuyo género se desconoce («Le damos la bienvenida», no «Bienvenido»).

## Nombres de los cuatro roles presentes en todas partes. Siguen a «con el rol».

role-owner = propietario
role-admin = administrador
role-member = miembro
role-guest = invitado

## Campos de formulario y sus indicaciones.

field-name = Su nombre
field-name-hint = Tal como lo verán las demás personas de la organización.
field-email = Dirección de correo electrónico
field-password = Contraseña
field-password-new = Contraseña nueva
field-password-hint = De { $min } a { $max } caracteres. Unas cuantas palabras sin relación entre sí forman una buena contraseña.
field-password-repeat = Repita la contraseña

## Botones.

button-join = Unirse a { $organization }
button-create-account = Crear la cuenta y unirse
button-decline = Rechazar la invitación
button-sign-in = Iniciar sesión
button-sign-in-join = Iniciar sesión y unirse
button-sign-out-continue = Cerrar sesión y continuar
button-continue = Continuar
button-save-password = Guardar la contraseña
button-show-password = Mostrar la contraseña
button-hide-password = Ocultar la contraseña
button-request-link = Pedir un enlace nuevo

## Fechas.

date-month =
    { $month ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    }

date-weekday =
    { $weekday ->
        [1] lunes
        [2] martes
        [3] miércoles
        [4] jueves
        [5] viernes
        [6] sábado
       *[7] domingo
    }

# La fecha sigue a «el», «hasta el» o «del».
date-day = { $weekday } { $day } de { $month } de { $year }

date-month-short =
    { $month ->
        [1] ene
        [2] feb
        [3] mar
        [4] abr
        [5] may
        [6] jun
        [7] jul
        [8] ago
        [9] sept
        [10] oct
        [11] nov
       *[12] dic
    }

date-short = { $day } { $month }

# Sin «a las»: a la una se diría «a la».
date-time = { $date }, { $time } { $zone }

## Duraciones.

duration-days =
    { $count ->
        [one] { $count } día
       *[other] { $count } días
    }
duration-hours =
    { $count ->
        [one] { $count } hora
       *[other] { $count } horas
    }
duration-minutes =
    { $count ->
        [one] { $count } minuto
       *[other] { $count } minutos
    }
duration-seconds =
    { $count ->
        [one] { $count } segundo
       *[other] { $count } segundos
    }

duration-two-units = { $first } y { $second }
